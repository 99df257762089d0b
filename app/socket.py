"""The websocket endpoint, in plain ASGI: handshake, first frame, then one frame after the other."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.connection import CLOSE_TRY_AGAIN, CLOSE_UNAUTHORIZED, Connection, Frame, error_event
from app.depth import DEPTH, too_deep
from app.doors import secret_in
from app.errors import BadInput, TooMany, Unauthorized, Unavailable, WireError
from app.frames import CLIENT_FRAME, Hello, Send
from app.outbox import Outbox, ReaderGone, never
from app.parts import Parts
from app.protocol import FRAME_LIMIT, Id
from app.store.credentials import Bearer
from app.tasks import Tasks
from app.validation import bad_input
from app.websocket import WRITE

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
SendEvent = Callable[[Event], Awaitable[None]]

HELLO_WITHIN = 10.0
"""Seconds."""
CLOSE_TOO_MANY = 4429
CLOSE_FRAME_TOO_BIG = 1009
LAST_WORDS = 2.0
"""Seconds that a reader gets to take what it was sent before its connection is closed."""
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
        await send({"type": "websocket.accept"})
        scope["headers"] = []  # an idle connection keeps its scope, and nothing of the handshake is asked for again
        flush = _Flusher(self._parts.tasks, send)
        outbox = flush.outbox = Outbox(flush, scope.get("extensions", {}).get(WRITE, never))
        try:
            if secret_in(scope) is not None:
                raise _Close(CLOSE_UNAUTHORIZED, "a token belongs into the first frame, not into the URL")
            await self._converse(receive, outbox, flush)
        except _Close as close:
            if close.code is not None:
                with suppress(OSError):
                    await flush.last_words(close)
        except (ReaderGone, OSError):
            pass  # the client went away while it was being told something
        finally:
            outbox.close()
            flush.cancel()

    async def _converse(self, receive: Receive, outbox: Outbox, flush: "_Flusher") -> None:
        connection, hello = await self._first(receive, outbox)
        try:
            self._parts.sessions.add(connection)
            await self._live(connection, hello, receive, outbox)
        except TooMany as error:
            connection.answer(error_event(error))
            await flush.last_words(_Close(CLOSE_TOO_MANY, error.detail))
        except _Close as close:
            if close.code is not None:
                await flush.last_words(close)
        finally:
            self._parts.sessions.remove(connection)  # last: whoever drains waits until all that was owed was sent

    async def _live(self, connection: Connection, hello: Hello, receive: Receive, outbox: Outbox) -> None:
        """Raises _Close, when the client closes or `connection` was ended."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as life:
                connection.stop = lambda: life.reschedule(loop.time())
                connection.go_on = lambda: life.reschedule(None)
                try:
                    await self._listen(connection, hello, receive, outbox)
                finally:
                    connection.stop = connection.go_on = _nothing
        except TimeoutError:
            if connection.ended is None:
                raise
        finally:
            connection.close()  # what happens from here on is not among its last words
        assert connection.ended is not None
        raise _Close(*connection.ended)

    async def _listen(self, connection: Connection, hello: Hello, receive: Receive, outbox: Outbox) -> None:
        """Until the client closes or `connection` was ended."""
        await _obey(connection, hello)
        while connection.ended is None:
            connection.waiting = True
            await outbox.space()
            text = await _text(receive)
            connection.came()
            try:
                connection.count()
                frame = parse(text)
            except WireError as error:
                connection.answer(error_event(error, client_id_in(text)))
                continue
            await _obey(connection, frame)

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
            bearer = await self._bearer(hello)
        except WireError as error:
            outbox.answer(error_event(error).model_dump_json())
            code = CLOSE_TRY_AGAIN if isinstance(error, Unavailable) else CLOSE_UNAUTHORIZED
            raise _Close(code, error.detail) from error
        return Connection(self._parts, bearer, outbox), hello

    async def _bearer(self, hello: Hello) -> Bearer:
        credentials, now = self._parts.store.credentials, self._parts.clock.now()
        if (hello.token is None) == (hello.ticket is None):
            raise BadInput("the first hello has exactly one of token and ticket", "token")
        if hello.token is not None:
            field, bearer = "token", await credentials.bearer(hello.token, now)
        else:
            field, bearer = "ticket", await credentials.redeem(hello.ticket or "", now)
        if bearer is None:
            raise Unauthorized(f"no such {field}, or not any more", field)
        return bearer


def _nothing() -> None:
    """There is nothing to be stopped any more."""


def parse(text: str | bytes) -> Frame:
    """Raises BadInput, naming the field and its value."""
    if isinstance(text, bytes):
        raise BadInput("frames are text; this one is binary")
    if too_deep(text):
        raise BadInput(f"a frame may be nested {DEPTH} deep")
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
        if isinstance(error, Unavailable) and isinstance(frame, Hello):
            # Nobody would say the same hello again on a connection that stays; who comes back does.
            raise _Close(CLOSE_TRY_AGAIN, error.detail) from error


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
        flushing = self._task
        try:
            async with asyncio.timeout(LAST_WORDS):
                if flushing is not None:
                    # Cut short, it would lose the frame that it is sending, and send those behind it.
                    await asyncio.wait([flushing])
                await self._rest()
        except TimeoutError:
            log.info("a reader did not take its last %d frames in time", len(self.outbox))
            if flushing is not None and not flushing.done():
                flushing.cancel()
                await asyncio.wait([flushing])
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
