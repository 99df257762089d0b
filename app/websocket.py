"""Uvicorn's websocket connection, made light: thousands of readers mostly wait, and one event goes to many of them at once.

Nothing of a connection that ended is in a circle, so all of it is freed at once. What is in one waits for a look for garbage, and
those are seldom (`server.GARBAGE`): each visit left 20 KB behind, for half an hour.
"""

import asyncio
from collections import deque
from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request

WRITE = "aside.write"
"""The ASGI extension under which a connection offers `write_now`."""


@lru_cache(maxsize=64)
def framed(body: str) -> bytes:
    """A text frame of the server. What goes to everybody in a room is the same string each time, and is framed once."""
    return Frame(Opcode.TEXT, body.encode()).serialize(mask=False)


class Gate:
    """An asyncio.Event for one task, without the deque of 760 bytes that each of those has."""

    __slots__ = ("_open", "_waiting")

    def __init__(self, is_open: bool) -> None:
        self._open = is_open
        self._waiting: asyncio.Future[None] | None = None

    def is_set(self) -> bool:
        return self._open

    def clear(self) -> None:
        self._open = False

    def set(self) -> None:
        self._open = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def wait(self) -> None:
        while not self._open:
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None


class Letters:
    """An asyncio.Queue for one reader, without the three deques that each of those has."""

    __slots__ = ("_gate", "_letters")

    def __init__(self) -> None:
        self._gate = Gate(False)
        self._letters: deque[Any] | None = None

    def empty(self) -> bool:
        return not self._letters

    def put_nowait(self, letter: Any) -> None:
        self._letters = self._letters or deque()
        self._letters.append(letter)
        self._gate.set()

    async def get(self) -> Any:
        while not self._letters:
            self._letters = None
            self._gate.clear()
            await self._gate.wait()
        return self._letters.popleft()


class Doorway(HttpToolsProtocol):
    """Speaks HTTP, until a websocket takes over."""

    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]  # it and this hold each other


class Websocket(WebSocketsSansIOProtocol):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.queue = Letters()  # type: ignore[assignment]
        self.writable = Gate(True)  # type: ignore[assignment]

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][WRITE] = self.write_now  # type: ignore[assignment]

    async def run_asgi(self) -> None:
        try:
            await super().run_asgi()
        finally:
            self.scope["extensions"].clear()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.conn.parser.close()

    async def send(self, message: Any) -> None:
        """Raises ClientDisconnected, an OSError, also after a close of the server's own, over a frame that is none."""
        if self.close_sent and self.handshake_complete:
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.accept":
            # What the handshake said is not needed any more, and is a tenth of what an idle connection takes.
            del self.request, self.response

    def write_now(self, body: str) -> bool:
        """Sends one text frame, if this reader keeps up; False where it has to wait, and where nothing can be sent any more.
        The same as `send`, without a coroutine, and with the frame made once for all readers."""
        if not self.writable.is_set() or not self.handshake_complete or self.close_sent or self.transport.is_closing():
            return False
        self.transport.write(framed(body))
        return True

    def shutdown(self) -> None:
        """A connection whose client has said goodbye, and has not read all it was sent, is there for a while yet. Uvicorn would
        say goodbye to it too when the service is told to stop, which raises, and nothing would be closed in order after that."""
        if not self.transport.is_closing():
            super().shutdown()
