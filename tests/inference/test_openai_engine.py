import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from inference.connect import ScriptedEngine
from inference.openai_engine import OpenAIEngine
from inference.prompt import Part


class Handler(BaseHTTPRequestHandler):
    """The smallest OpenAI-compatible server; `well` decides whether it lists its models."""

    well = True

    def do_GET(self) -> None:
        self._send(200 if type(self).well else 503, {"object": "list", "data": []})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        message = {"role": "assistant", "content": asked["messages"][-1]["content"].upper()}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        self._send(200, {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})

    def _send(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        # The client's own retries would wait on the clock.
        self.send_header("x-should-retry", "false")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(*, well: bool) -> Iterator[str]:
    handler = type("_Handler", (Handler,), {"well": well})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Pause:
    """Stands in for sleep: says when the engine begins to wait, and for how long."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.seconds = 0.0

    async def __call__(self, seconds: float) -> None:
        self.seconds = seconds
        self.began.set()
        await asyncio.Event().wait()


def test_a_real_server_over_loopback() -> None:
    async def story(url: str) -> None:
        pause = Pause()
        engine = OpenAIEngine("m", url, "", 30, ScriptedEngine(), pause)
        assert engine.status() == "starting"
        await engine.start()
        async with asyncio.timeout(30):
            await pause.began.wait()
        assert (engine.status(), pause.seconds) == ("ok", 60)
        proposals = await engine.model.propose([(Part("hello"),)], 5, 1)
        assert proposals.continuations[0].text == "HELLO"
        assert len(await engine.embedder.embed(["a"])) == 1
        await engine.close()

    with serving(well=True) as url:
        asyncio.run(story(url))


def test_a_server_in_trouble_is_asked_again_sooner() -> None:
    async def story(url: str) -> None:
        pause = Pause()
        engine = OpenAIEngine("m", url, "", 30, ScriptedEngine(), pause)
        await engine.start()
        async with asyncio.timeout(30):
            await pause.began.wait()
        assert "the server of m" in engine.status()
        assert pause.seconds == 10
        await engine.close()

    with serving(well=False) as url:
        asyncio.run(story(url))
