"""The websocket endpoint, in plain ASGI: handshake, first frame, then one frame after the other."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import TypeAdapter, ValidationError

from app.connection import Connection, Frame, error_event
from app.errors import BadInput, Unauthorized, WireError
from app.frames import CLIENT_FRAME, Hello, Send
from app.outbox import Outbox, ReaderGone, never
from app.parts import Parts
from app.protocol import FRAME_LIMIT, Id
from app.tasks import Tasks
from app.validation import bad_input
from app.websocket import WRITE

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
SendEvent = Callable[[Event], Awaitable[None]]

HELLO_WITHIN = 10.0
"""Seconds."""
CLOSE_UNAUTHORIZED = 4401
CLOSE_FRAME_TOO_BIG = 1009
_CLIENT_ID = TypeAdapter[str](Id)


class _Close(Exception):
    """The connection is over. `code` and `reason` go into the close frame; None where the client closed it."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Socket:
    """The ASGI application at `/ws`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: SendEvent) -> None:
        await receive()
        if not self._origin_allowed(scope):
            await send({"type": "websocket.close", "code": 1008})  # before the accept this is a 403
            return
        await send({"type": "websocket.accept"})
        scope["headers"] = []  # an idle connection keeps its scope, and nothing of the handshake is asked for again
        flush = _Flusher(self._parts.tasks, send)
        outbox = flush.outbox = Outbox(flush, scope.get("extensions", {}).get(WRITE, never))
        try:
            if any("token" in name.lower() for name in parse_qs(scope["query_string"].decode("latin-1"), True)):
                raise _Close(CLOSE_UNAUTHORIZED, "a token belongs into the first frame, not into the URL")
            await self._converse(receive, outbox)
        except _Close as close:
            if close.code is not None:
                await flush.last_words(close)
        except (ReaderGone, OSError):
            pass  # the client went away while it was being told something
        finally:
            outbox.close()
            flush.cancel()

    async def _converse(self, receive: Receive, outbox: Outbox) -> None:
        connection, hello = await self._first(receive, outbox)
        try:
            await _obey(connection, hello)
            while True:
                await outbox.space()
                text = await _text(receive)
                try:
                    connection.count()
                    frame = parse(text)
                except WireError as error:
                    connection.answer(error_event(error, client_id_in(text)))
                    continue
                await _obey(connection, frame)
        finally:
            connection.close()

    async def _first(self, receive: Receive, outbox: Outbox) -> tuple[Connection, Hello]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as deadline:
                timer = self._parts.clock.call_later(HELLO_WITHIN, lambda: deadline.reschedule(loop.time()))
                try:
                    text = await _text(receive)
                finally:
                    timer.cancel()
        except TimeoutError as error:
            raise _Close(CLOSE_UNAUTHORIZED, f"no hello within {HELLO_WITHIN:g} seconds") from error
        try:
            hello = parse(text)
            if not isinstance(hello, Hello):
                raise Unauthorized("the first frame must be a hello", "type", hello.type)
            user = await self._parts.store.users.by_token(hello.token)
            if user is None:
                raise Unauthorized("no such token", "token")
        except WireError as error:
            outbox.answer(error_event(error).model_dump_json())
            raise _Close(CLOSE_UNAUTHORIZED, error.detail) from error
        return Connection(self._parts, user, outbox), hello

    def _origin_allowed(self, scope: Scope) -> bool:
        """Browsers name the page that opens a socket; only ours may. Other clients name none."""
        headers: dict[bytes, str] = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get(b"origin")
        if origin is None or origin in self._parts.settings.origins:
            return True
        return urlsplit(origin).netloc.lower() == headers.get(b"host", "").lower()


def parse(text: str | bytes) -> Frame:
    """Raises BadInput, naming the field and its value."""
    if isinstance(text, bytes):
        raise BadInput("frames are text; this one is binary")
    try:
        return CLIENT_FRAME.validate_json(text)
    except ValidationError as error:
        # The first name in each place is the frame's type, by which the union was told apart.
        raise bad_input(error.errors(include_url=False), skip=1) from error


def client_id_in(text: str | bytes) -> str | None:
    """Of a frame that could not be obeyed, so that its sender knows which one it was."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    try:
        return _CLIENT_ID.validate_python(frame.get("client_id") if isinstance(frame, dict) else None)
    except ValidationError:
        return None


async def _obey(connection: Connection, frame: Frame) -> None:
    try:
        await connection.handle(frame)
    except WireError as error:
        connection.answer(error_event(error, frame.client_id if isinstance(frame, Send) else None))
        if isinstance(error, Unauthorized):
            raise _Close(CLOSE_UNAUTHORIZED, error.detail) from error


async def _text(receive: Receive) -> str | bytes:
    """The next frame. Raises _Close when there is none or it is too big."""
    event = await receive()
    if event["type"] == "websocket.disconnect":
        raise _Close(None)
    text: str | None = event.get("text")
    if text is None:
        return bytes(event["bytes"])
    if len(text) > FRAME_LIMIT or len(text.encode()) > FRAME_LIMIT:
        raise _Close(CLOSE_FRAME_TOO_BIG, f"a frame may have {FRAME_LIMIT} bytes")
    return text


class _Flusher:
    """Sends what waits in `outbox`, in a task that lives as long as something does."""

    __slots__ = ("_send", "_task", "_tasks", "outbox")

    def __init__(self, tasks: Tasks, send: SendEvent) -> None:
        self._tasks = tasks
        self._send = send
        self._task: asyncio.Task[None] | None = None
        self.outbox: Outbox

    def __call__(self) -> None:
        self._task = self._tasks.start(self._flush(), "flush a websocket")

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def last_words(self, close: _Close) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._rest()
        await self._send({"type": "websocket.close", "code": close.code, "reason": close.reason[:100]})

    async def _flush(self) -> None:
        try:
            await self._rest()
        except OSError:
            self.outbox.close()  # the client is gone; the reading side hears of it as a disconnect
        finally:
            self._task = None

    async def _rest(self) -> None:
        while (body := self.outbox.next()) is not None:
            await self._send({"type": "websocket.send", "text": body})
