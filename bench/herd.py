"""Many websockets in one client process, cheap enough that what is measured is the service: picows, no task a socket, and of
a frame only what the measurement needs is read."""

import asyncio
import contextlib
import re
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import orjson
from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.seeding import Seat

_SEQ = re.compile(rb'^\{"type":"(?:message|presence|reaction|edited|deleted)","room":"[^"]*","seq":(\d+)')
DIALLING = 64
"""Handshakes under way at a time."""


class Sheep(WSListener):
    """One person's socket. `seen`: the seq that it has everything up to; `live` once the server said so; `gaps` counts the steps
    in the log that were not the next one, and `resyncs` how often it was sent back to the log."""

    def __init__(self, seat: Seat, heard: Callable[["Sheep", bytes], None] | None = None) -> None:
        self.seat = seat
        self.seen = 0
        self.live = asyncio.Event()
        self.gaps = 0
        self.resyncs = 0
        self.errors: list[bytes] = []
        self.transport: WSTransport | None = None
        self.gone = asyncio.Event()
        self._heard = heard

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.gone.clear()
        self.hello()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.transport = None
        self.live.clear()
        self.gone.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self._read(frame.get_payload_as_bytes())

    async def settled(self) -> bool:
        """Once it is live, or gone again: whether it is live."""
        tasks = [asyncio.ensure_future(one.wait()) for one in (self.live, self.gone)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        return self.live.is_set()

    def hello(self) -> None:
        resume = {"room": self.seat.room, "after": self.seen}
        self._put({"type": "hello", "token": self.seat.token, "rooms": [resume]})

    def send(self, client_id: str, text: str) -> None:
        self._put({"type": "send", "room": self.seat.room, "client_id": client_id, "text": text})

    def stall(self, on: bool) -> None:
        """While it is on, this reader reads nothing."""
        assert self.transport is not None
        under = self.transport.underlying_transport
        (under.pause_reading if on else under.resume_reading)()

    def _put(self, frame: dict[str, object]) -> None:
        if self.transport is not None:
            self.transport.send(WSMsgType.TEXT, orjson.dumps(frame))

    def _read(self, payload: bytes) -> None:
        if (logged := _SEQ.match(payload)) is not None:
            seq = int(logged[1])
            self.gaps += seq != self.seen + 1
            self.seen = seq
        elif payload.startswith(b'{"type":"live"'):
            self.live.set()
        elif payload.startswith(b'{"type":"resync"'):
            self.resyncs += 1
            self.live.clear()
            self.seen = int(orjson.loads(payload)["after"])
            self.hello()
        elif payload.startswith(b'{"type":"error"'):
            self.errors.append(payload)
        if self._heard is not None:
            self._heard(self, payload)


async def dial(url: str, herd: Iterable[Sheep], buffer: int | None = None) -> None:
    """Connects them all and returns when each is live. `buffer`: bytes that the kernel keeps for each that does not read.
    Raises OSError or WSError where one cannot connect."""
    waiting = asyncio.Semaphore(DIALLING)

    async def one(sheep: Sheep) -> None:
        async with waiting:
            await _connect(url, sheep, buffer)
            await sheep.live.wait()

    await asyncio.gather(*map(one, herd))


async def come_back(url: str, herd: Iterable[Sheep], delays: Callable[[], Iterable[float]]) -> None:
    """Each tries again after the next of its delays until it is live again."""

    async def one(sheep: Sheep) -> None:
        for delay in delays():
            await asyncio.sleep(delay)
            with contextlib.suppress(OSError, WSError):
                await _connect(url, sheep)
                if await sheep.settled():
                    return

    await asyncio.gather(*map(one, herd))


async def scatter(herd: Iterable[Sheep]) -> None:
    """Everybody goes."""
    there = [one for one in herd if one.transport is not None]
    for one in there:
        assert one.transport is not None
        one.transport.disconnect(graceful=False)
    for one in there:
        await one.gone.wait()
    await asyncio.sleep(0)


async def _connect(url: str, sheep: Sheep, buffer: int | None = None) -> None:
    parts = urlsplit(url)
    made = socket.socket()
    made.setblocking(False)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if buffer is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    try:
        await asyncio.get_running_loop().sock_connect(made, (parts.hostname, parts.port))
    except OSError:
        made.close()
        raise
    # A frame of the log has less than a kilobyte; the client should not be what fills the memory.
    await ws_connect(
        lambda: sheep,
        f"ws://{parts.netloc}/ws",
        socket_factory=lambda _: made,
        websocket_handshake_timeout=60,
        read_buffer_init_size=1024,
    )
