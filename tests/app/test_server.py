"""The server: told to stop, it loses nothing."""

import asyncio
import contextlib
import gc
import socket
import weakref
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.uri import parse_uri

from app.front import Front
from app.server import GARBAGE, Server
from app.websocket import Websocket
from tests.app.harness import Line, served


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


async def _read(request: Request) -> Response:
    return Response(await request.body())


async def _seconds_to_stop(turns: int, sent: bytes, grace: int) -> float:
    """`turns`: of the loop from when a client is connected and has `sent` this, to when the server is told to stop."""
    api, loop = FastAPI(), asyncio.get_running_loop()
    api.add_route("/x", _read, methods=["POST"])
    app = Front(api)
    config = uvicorn.Config(app, ws=Websocket, log_config=None, lifespan="off", timeout_graceful_shutdown=grace)
    config.load()
    server = Server(config, app)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await server.startup(sockets=[listener])
        with socket.create_connection(listener.getsockname()) as client:
            client.sendall(sent)
            for _ in range(turns):
                await asyncio.sleep(0)
            began = loop.time()
            await server.shutdown(sockets=[listener])
            return loop.time() - began


@pytest.mark.parametrize("turns", range(6))
def test_who_comes_in_at_the_moment_of_stopping_is_closed_at_once(turns: int) -> None:
    assert asyncio.run(_seconds_to_stop(turns, b"", 60)) < 30, "there is nothing to wait for"
    gc.collect()  # a transport that was left open complains


def test_who_takes_longer_than_the_grace_is_cut_off() -> None:
    half = b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    assert asyncio.run(_seconds_to_stop(50, half, 1)) >= 1
    gc.collect()


@pytest.mark.parametrize("alone", [True, False])
def test_what_the_start_made_is_not_looked_through_for_garbage_where_the_process_is_the_servers(alone: bool) -> None:
    async def go() -> tuple[int, tuple[int, int, int]]:
        app = Front(FastAPI())
        config = uvicorn.Config(app, ws=Websocket, log_config=None, lifespan="off")
        config.load()
        server = Server(config, app, alone)
        server.lifespan = config.lifespan_class(config)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            await server.startup(sockets=[listener])
            found = gc.get_freeze_count(), gc.get_threshold()
            await server.shutdown(sockets=[listener])
        return found

    usual = gc.get_threshold()
    try:
        frozen, thresholds = asyncio.run(go())
    finally:
        gc.unfreeze()
        gc.set_threshold(*usual)
    assert (frozen > 10_000, thresholds) == (alone, GARBAGE if alone else usual)


def test_what_hangs_together_in_circles_goes_before_long_however_little_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Link:
        def __init__(self) -> None:
            self.other = self

    async def go() -> bool:
        app = Front(FastAPI())
        config = uvicorn.Config(app, ws=Websocket, log_config=None, lifespan="off")
        config.load()
        server = Server(config, app, alone=True)
        server.lifespan = config.lifespan_class(config)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            await server.startup(sockets=[listener])
            gone = weakref.ref(Link())
            for _ in range(100):
                if gone() is None:
                    break
                await asyncio.sleep(0.01)
            await server.shutdown(sockets=[listener])
        return gone() is None

    usual = gc.get_threshold()
    monkeypatch.setattr("app.server.LOOK", 0.05)
    try:
        assert asyncio.run(go())
    finally:
        gc.unfreeze()
        gc.set_threshold(*usual)


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
