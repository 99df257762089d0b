import asyncio
import contextlib
import logging
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.uri import parse_uri

from app.serve import CannotServeError, banner, engine_of, listen, read_settings, set_up_log
from app.settings import Settings
from app.websocket import Websocket
from tests.app.harness import Line, served

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def levels() -> Iterator[None]:
    names = ("", "uvicorn", "alembic", "httpx")
    before = {name: logging.getLogger(name).level for name in names}
    handlers = list(logging.getLogger().handlers)
    yield
    logging.getLogger().handlers[:] = handlers
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def test_the_banner_says_where_the_page_is_and_what_tiny_is() -> None:
    shown = banner(Settings.model_construct(host="0.0.0.0", model="tiny"), 8123)
    assert "http://127.0.0.1:8123" in shown
    assert "shows the mechanism" in shown
    assert "3B" in shown
    assert "ASIDE_OPEN_REGISTRATION" in shown
    plain = banner(Settings.model_construct(host="127.0.0.1", model="openai:gpt"), 8000)
    assert plain.splitlines() == ["Aside is starting; its page: http://127.0.0.1:8000", "model: openai:gpt"]


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotServeError, match=f"ASIDE_PORT={port}"):
            listen(Settings.model_construct(port=port))


def test_a_setting_of_the_wrong_type_is_named_with_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASIDE_PORT", "eight thousand")
    with pytest.raises(CannotServeError, match="ASIDE_PORT='eight thousand'"):
        read_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASIDE_DATABASE", "mysql://host/aside"),
        ("ASIDE_DATABASE", "nonsense"),
        ("ASIDE_REDIS", "localhost:6379"),
        ("ASIDE_OPENAI_BASE_URL", "localhost:8080"),
        ("ASIDE_MODEL", ""),
    ],
)
def test_an_address_that_can_be_none_is_named_with_its_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(CannotServeError, match=f"{name}={value!r}"):
        read_settings()


def test_a_wrong_address_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASIDE_DATABASE", "postgresql://aside:hunter2@host/aside")
    with pytest.raises(CannotServeError, match="ASIDE_DATABASE='postgresql://aside:…@host/aside'"):
        read_settings()


def test_origins_that_are_no_list_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASIDE_ORIGINS", "http://elsewhere")
    with pytest.raises(CannotServeError, match="origins"):
        read_settings()


def test_the_log_has_a_level_and_libraries_are_quiet(levels: None) -> None:
    with pytest.raises(CannotServeError, match="ASIDE_LOG_LEVEL='loud'"):
        set_up_log("loud")
    set_up_log("info")
    assert logging.getLogger("uvicorn").level == logging.WARNING
    set_up_log("debug")
    assert logging.getLogger("uvicorn").level == logging.WARNING  # at DEBUG it writes down every frame
    assert logging.getLogger("httpx").level == logging.DEBUG
    set_up_log("error")
    assert logging.getLogger("uvicorn").level == logging.ERROR


def test_a_model_without_a_name_is_refused() -> None:
    with pytest.raises(CannotServeError, match="ASIDE_MODEL=openai:"):
        engine_of(Settings.model_construct(model="openai:"))


def test_it_serves_from_the_command_line_and_stops_when_told(tmp_path: Path) -> None:
    environment = {
        "ASIDE_PORT": "0",
        "ASIDE_MODEL": "scripted",
        "ASIDE_DATABASE": f"sqlite+aiosqlite:///{tmp_path}/aside.db",
    }
    command = [sys.executable, "-m", "app", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().rpartition(" ")[2].strip()
        # The socket listens before the first line is printed, so this waits in its backlog until the service is up.
        assert httpx.get(f"{url}/readyz", timeout=30, trust_env=False).json()["ready"]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


class FullPipe(asyncio.Transport):
    """Its reader takes nothing, so that `close` waits for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.wrote = asyncio.Event()
        self.closing = False

    def write(self, data: Any) -> None:
        self.written += data
        self.wrote.set()

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True


async def _accept(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


@pytest.mark.parametrize("left", [True, False])
def test_stopping_does_not_stumble_over_a_client_that_is_just_leaving(left: bool) -> None:
    async def stop() -> bytes:
        config = uvicorn.Config(_accept, log_config=None)
        config.load()
        served, pipe = Websocket(config, ServerState(), {}), FullPipe()
        client = ClientProtocol(parse_uri("ws://127.0.0.1/ws"))
        served.connection_made(pipe)
        client.send_request(client.connect())
        served.data_received(b"".join(client.data_to_send()))
        await pipe.wrote.wait()
        client.receive_data(pipe.written)
        if left:
            client.send_close(1000)
            served.data_received(b"".join(client.data_to_send()))
        pipe.written = b""
        served.shutdown()
        served.connection_lost(None)
        await asyncio.gather(*served.tasks)
        return pipe.written

    assert asyncio.run(stop()) == (b"" if left else b"\x88\x02\x03\xf4"), "code 1012 for those who stayed"


def test_told_to_stop_it_loses_no_ack_and_says_come_back(tmp_path: Path) -> None:
    """People write as fast as they may while the service stops; then what they were told is there is compared with what is."""

    async def go() -> None:
        acked: list[str] = []
        closed: list[int] = []
        writing = asyncio.Event()

        async def write(line: Line, room: str, who: str) -> None:
            with contextlib.suppress(ConnectionClosed):
                for i in range(1_000):
                    ack = await line.post(room, f"{who}-{i}", "x")
                    if ack["type"] == "ack":
                        acked.append(ack["id"])
                    if len(acked) > 20:
                        writing.set()
            closed.append(line.connection.close_code or 0)

        async with contextlib.AsyncExitStack() as lines, served(tmp_path) as house:
            ann = await house.user("Ann")
            writers = []
            for _ in range(4):
                room = await ann.room(agent=None)
                line = await lines.enter_async_context(ann.line({room: 0}))
                writers.append(asyncio.create_task(write(line, room, "a")))
            await writing.wait()
            began = asyncio.get_running_loop().time()
            await house.app.leave()
            await asyncio.gather(*writers)
            assert asyncio.get_running_loop().time() - began < 5
            assert closed == [1012] * 4
            ready = await house.http.get("/readyz")
            assert (ready.status_code, ready.json()["checks"]["service"]) == (503, "it is stopping")
        async with served(tmp_path) as house:
            ann.house = house
            found = {
                m["id"]
                for room in (await ann.got("GET", "/rooms"))["rooms"]
                for m in (await ann.got("GET", f"/rooms/{room['id']}/messages?limit=500"))["messages"]
            }
            assert set(acked) <= found
            assert len(found) - len(acked) == 0

    asyncio.run(go())
