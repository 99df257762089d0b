"""The spans of a message's way, in the memory of an exporter and at a collector."""

import asyncio
import gzip
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.clock import WallClock
from app.tracing import TRACING
from conversation.moment import Trigger
from inference.calls import Call, now, tell
from tests.app.harness import served

ROOT = Path(__file__).resolve().parents[2]
STAGES = ["retrieval", "formation", "evaluation", "participation"]
SECRET = "Where did you hide the teapot"


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    memory = InMemorySpanExporter()
    TRACING.start("", memory)
    yield memory
    TRACING.stop()


def test_one_trace_has_the_whole_way_of_a_message(tmp_path: Path, exporter: InMemorySpanExporter) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            policy = {
                "debounce": 0,
                "min_gap": 0,
                "im_threshold": 1,
                "interrupt_threshold": 1,
                "allocated_threshold": 1,
            }
            room = await ann.room("Den", agent={"name": "Mika", "policy": policy})
            async with ann.line({room: 0}) as line:
                await line.send(type="watch", room=room, on=True)
                ack = await line.post(room, "c1", f"Mika, {SECRET}?")
                while (await line.until("decision"))["run"]["outcome"] is None:
                    pass
            await house.parts.rooms.close()
            check(ack["seq"], room)

    def check(seq: int, room: str) -> None:
        spans = exporter.get_finished_spans()
        (root,) = [s for s in spans if s.name == "message"]
        assert root.parent is None
        assert root.attributes is not None
        assert dict(root.attributes) == {"room": room, "seq": seq, "door": "socket"}
        same = [s for s in spans if s.context.trace_id == root.context.trace_id]
        (think,) = [s for s in same if s.name == "think" and s.attributes and s.attributes["trigger"] == "addressed"]
        assert under(same, root) == ["commit", "fan_out", "think"] or under(same, root) == [
            "commit",
            "think",
            "fan_out",
        ]
        assert under(same, think) == [*STAGES, "post"]
        commit, fan_out = (next(s for s in same if s.name == n) for n in ("commit", "fan_out"))
        assert (commit.start_time, fan_out.end_time) == (root.start_time, root.end_time)
        assert commit.end_time == fan_out.start_time
        assert SECRET not in "".join(s.to_json() for s in spans)

    asyncio.run(go())


def test_calls_of_the_model_are_under_the_thinking_with_how_long_they_waited(exporter: InMemorySpanExporter) -> None:
    with TRACING.thinking("r1", Trigger("addressed", 7)):
        at = now()
        tell(Call("propose", at - 3, at - 2, at))
        tell(Call("judge", at - 1, None, at, failed=True))
    tell(Call("embed", at - 1, at, at))  # nobody's message asked for it
    spans = exporter.get_finished_spans()
    (think,) = [s for s in spans if s.name == "think"]
    asked = [s for s in spans if s.name == "model"]
    assert [s.parent and s.parent.span_id for s in asked] == [think.context.span_id] * 2
    assert [dict(s.attributes or {}) for s in asked] == [
        {"method": "propose", "failed": False},
        {"method": "judge", "failed": True},
    ]
    inside = {s.name: seconds(s) for s in spans if s.parent and s.parent.span_id == asked[0].context.span_id}
    assert inside == {"wait": pytest.approx(1, abs=0.01), "work": pytest.approx(2, abs=0.01)}
    assert asked[0].end_time == pytest.approx(think.end_time, abs=1e9)  # they are on the clock of the other spans


def seconds(span: ReadableSpan) -> float:
    assert span.start_time is not None
    assert span.end_time is not None
    return (span.end_time - span.start_time) / 1e9


def under(spans: list[ReadableSpan], parent: ReadableSpan) -> list[str]:
    found = [s for s in spans if s.parent is not None and s.parent.span_id == parent.context.span_id]
    return [
        s.name
        for s in sorted(found, key=lambda s: (s.start_time or 0, s.end_time or 0))
        if s.name != "think" or s is found[-1]
    ]


def test_a_collector_is_sent_them_over_http() -> None:
    got: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        TRACING.start(f"http://127.0.0.1:{server.server_port}/")
        try:
            TRACING.message("r1", 7, "socket", WallClock(), now() - 0.02, now() - 0.01, now())
            with TRACING.thinking("r1", Trigger("addressed", 7)):
                pass
        finally:
            TRACING.stop()
            server.shutdown()
    assert {path for path, _ in got} == {"/v1/traces"}
    sent = [ExportTraceServiceRequest.FromString(body) for _, body in got]
    resources = [r for request in sent for r in request.resource_spans]
    assert {a.value.string_value for r in resources for a in r.resource.attributes if a.key == "service.name"} == {
        "aside"
    }
    spans = [s for r in resources for scope in r.scope_spans for s in scope.spans]
    assert sorted(s.name for s in spans) == ["commit", "fan_out", "message", "think"]
    assert len({s.trace_id for s in spans}) == 1


def test_off_it_imports_nothing() -> None:
    code = "import sys, app.main; sys.exit(any(m.startswith('opentelemetry.sdk') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
    TRACING.start("")
    assert TRACING._provider is None


def test_serve_without_the_packages_names_the_setting(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['opentelemetry.sdk.resources'] = None\n"
        "from app.cli import main; sys.exit(main(['serve']))"
    )
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
        "ASIDE_PORT": "0",
        "ASIDE_MODEL": "scripted",
        "ASIDE_DATABASE": f"sqlite+aiosqlite:///{tmp_path}/aside.db",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "ASIDE_OTLP_ENDPOINT=http://127.0.0.1:1: tracing needs the packages of the extra `tracing`" in done.stderr
