"""Spans of a message's whole way, for OpenTelemetry: received, committed, sent to all, thought about in stages, answered.

    message            from its arrival until everybody in the room was sent it
      commit           until it is durable
      fan_out          from there on
      think            what the agents of the room made of it, or of the pause after it
        retrieval, formation, evaluation, participation      of each agent that thought
        post           a decision to act, until what came of it is durable and was sent
        model          each call of the model, of whichever stage; in `post` those that write what is said
          wait         until the model took it up: its process, or a free place of eight at a server
          work         from there on

The ids of trace and message are made of room and seq, so the thinking is found under its message whichever process does it. A
span has ids, numbers and names of branches, never words. Off, which is the default, this costs one comparison a call, and the
SDK is not imported.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from app.clock import Clock, WallClock
from app.protocol import RunView
from conversation.moment import Trigger
from inference.calls import WATCHERS, Call, now

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

NAME = "aside"


class CannotTraceError(Exception):
    """The packages of the extra `tracing` are not installed."""


class Tracing:
    """Where spans go. One a process, as with metrics: `TRACING`."""

    def __init__(self) -> None:
        self._provider: TracerProvider | None = None
        self._tracer: Any = None

    def start(self, endpoint: str, exporter: "SpanExporter | None" = None) -> None:
        """`endpoint`: of an OTLP collector, over HTTP; empty: no tracing. Spans are sent in a thread of their own. `exporter`:
        takes them instead, at once. Raises CannotTraceError."""
        if not endpoint and exporter is None:
            return
        try:
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

            processor: Any
            if exporter is None:
                from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

                processor = BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces"))
            else:
                processor = SimpleSpanProcessor(exporter)
        except ImportError as error:
            raise CannotTraceError(f"tracing needs the packages of the extra `tracing`: {error}") from error
        self._provider = TracerProvider(resource=Resource.create({"service.name": NAME}), id_generator=_ids())
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(NAME)
        WATCHERS.append(self.call)

    def stop(self) -> None:
        """Sends what is left; takes seconds where the collector does not answer."""
        if self._provider is not None:
            WATCHERS.remove(self.call)
            self._provider.shutdown()
        self._provider = self._tracer = None

    def message(self, room: str, seq: int, door: str, clock: Clock, came: float, durable: float, told: float) -> None:
        """`came`, `durable`, `told`: by `clock.tick`."""
        if self._tracer is None:
            return
        now, tick = clock.now().timestamp(), clock.tick()
        at = [int((now - (tick - moment)) * 1e9) for moment in (came, durable, told)]
        told_of = {"room": room, "seq": seq, "door": door}
        token = _NEXT.set(_ids_of(room, seq))
        try:
            whole = self._tracer.start_span("message", _nothing(), attributes=told_of, start_time=at[0])
        finally:
            _NEXT.reset(token)
        for name, begin, end in (("commit", at[0], at[1]), ("fan_out", at[1], at[2])):
            self._tracer.start_span(name, _under(room, seq), start_time=begin).end(end)
        whole.end(at[2])

    @contextmanager
    def thinking(self, room: str, cause: Trigger) -> Iterator[None]:
        """Around what the agents of `room` do about `cause`."""
        if self._tracer is None:
            yield
            return
        told_of = {"room": room, "seq": cause.seq, "trigger": cause.kind}
        with self._tracer.start_as_current_span("think", _under(room, cause.seq), attributes=told_of):
            yield

    def stages(self, view: RunView) -> None:
        """The stages of a run, under the thinking that is going on, one after the other from its beginning."""
        if self._tracer is None:
            return
        from opentelemetry.trace import get_current_span

        at = getattr(get_current_span(), "start_time", None)
        if at is None:
            return
        told_of = {"agent": view.agent, "run": view.id, "act": view.decision.act, "branch": view.decision.branch}
        for name, milliseconds in view.stages.items():
            span = self._tracer.start_span(name, attributes=told_of, start_time=at)
            at += int(milliseconds * 1e6)
            span.end(at)

    def call(self, call: Call) -> None:
        """A call of the model, under the span that is going on; what nobody's message asked for has none, and is left out."""
        from opentelemetry.trace import get_current_span, set_span_in_context

        if self._tracer is None or not get_current_span().is_recording():
            return
        late = WallClock().now().timestamp() - now()

        def at(moment: float) -> int:
            return int((late + moment) * 1e9)

        told_of = {"method": call.method, "failed": call.failed}
        whole = self._tracer.start_span("model", attributes=told_of, start_time=at(call.asked))
        under = set_span_in_context(whole)
        begun = call.over if call.begun is None else call.begun
        self._tracer.start_span("wait", under, start_time=at(call.asked)).end(at(begun))
        if call.begun is not None:
            self._tracer.start_span("work", under, start_time=at(begun)).end(at(call.over))
        whole.end(at(call.over))

    @contextmanager
    def posting(self, told_of: Mapping[str, str]) -> Iterator[None]:
        if self._tracer is None:
            yield
            return
        with self._tracer.start_as_current_span("post", attributes=dict(told_of)):
            yield


TRACING = Tracing()
_NEXT: ContextVar[tuple[int, int] | None] = ContextVar("ids", default=None)


def _ids_of(room: str, seq: int) -> tuple[int, int]:
    """Of the trace and of the span of a message: never 0."""
    digest = hashlib.blake2b(f"{room}\0{seq}".encode(), digest_size=24).digest()
    return int.from_bytes(digest[:16]) or 1, int.from_bytes(digest[16:]) or 1


def _ids() -> Any:
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Ids(RandomIdGenerator):
        """Those that were asked for, else random ones."""

        def generate_trace_id(self) -> int:
            ids = _NEXT.get()
            return super().generate_trace_id() if ids is None else ids[0]

        def generate_span_id(self) -> int:
            ids = _NEXT.get()
            return super().generate_span_id() if ids is None else ids[1]

    return Ids()


def _nothing() -> "Context":
    """Under no span, whatever the task that asks was born in."""
    from opentelemetry.context import Context

    return Context()


def _under(room: str, seq: int) -> "Context":
    """Under the span of a message, whichever process made it."""
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    trace, span = _ids_of(room, seq)
    return set_span_in_context(
        NonRecordingSpan(SpanContext(trace, span, True, TraceFlags(TraceFlags.SAMPLED))), _nothing()
    )
