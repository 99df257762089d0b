"""The outermost layer: looks at the name and the page by which requests and websockets come, sends them one way and the other,
and lets no failure out as a traceback."""

import logging
import secrets
from collections.abc import Collection
from time import perf_counter
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import metrics
from app.api.errors import answer
from app.depth import DEPTH, too_deep
from app.doors import header, host_allowed, origin_allowed, secret_in
from app.errors import BadInput, Forbidden, WireError
from app.log import REQUEST
from app.protocol import ErrorView
from app.sessions import Sessions

log = logging.getLogger(__name__)

BODY_LIMIT = 1024 * 1024
"""Bytes. The largest lawful body, an agent with all its memories, has a quarter of it."""
IMPORT = "/api/v1/rooms/import"
"""Has a limit of its own (app/api/transfers.py), and looks at the depth of each line."""
SAFE = ("GET", "HEAD", "OPTIONS")
METHODS = (*SAFE, "POST", "PUT", "PATCH", "DELETE")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Of every answer that does not say otherwise; the page does (app/page.py)."""
HSTS = "max-age=31536000"
"""Once reached over TLS, never again without."""


class Front:
    """The ASGI application. `socket` answers `/ws` once the service is up; `api` everything that is HTTP. `hosts` and `origins`
    are as in the settings."""

    def __init__(self, api: FastAPI, hosts: Collection[str] = (), origins: Collection[str] = ()) -> None:
        self.api = api
        self.socket: ASGIApp | None = None
        self.sessions: Sessions | None = None
        self._hosts = frozenset(host.lower() for host in hosts)
        self._origins = frozenset(origins)

    def openapi(self) -> dict[str, Any]:
        return self.api.openapi()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            REQUEST.set(secrets.token_hex(8))
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            REQUEST.set(secrets.token_hex(8))
            await self._http(scope, receive, _with_headers(scope, send))
        else:
            await self.api(scope, receive, send)

    async def leave(self) -> None:
        """Before the service stops: nobody new comes in by a websocket, and those who are in finish and are told to come back."""
        self.socket = None
        if self.sessions is not None:
            await self.sessions.drain()

    def _bar(self, scope: Scope) -> None:
        """Raises Forbidden for what another page or a foreign name brought here."""
        host, origin = header(scope, b"host"), header(scope, b"origin")
        if not host_allowed(host, self._hosts):
            raise Forbidden("this server does not go by that name; ASIDE_HOSTS names those it does", "Host", host)
        if scope.get("method") not in SAFE and not origin_allowed(origin, host, self._origins):
            raise Forbidden("no page of that origin may do this; ASIDE_ORIGINS names those that may", "Origin", origin)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["path"] != "/ws" or self.socket is None:
                raise Forbidden("no websocket here, or not now")
            self._bar(scope)
        except Forbidden:
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before the accept this is a 403
            return
        try:
            await self.socket(scope, receive, send)
        except Exception:  # the outermost request: whatever broke, the others go on
            log.exception("a websocket failed")
            await send({"type": "websocket.close", "code": 1011})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, status, began = False, 0, perf_counter()

        async def watched(message: Message) -> None:
            nonlocal started, status
            if message["type"] == "http.response.start":
                started, status = True, message["status"]
            await send(message)

        try:
            self._bar(scope)
            if (name := secret_in(scope)) is not None:
                raise BadInput("a token belongs into the header Authorization, not into the URL", name)
            body = receive if scope["path"] == IMPORT else _Body(receive)
            await self.api(scope, body, watched)
        except WireError as error:
            view = ErrorView(code=error.code, detail=error.detail, field=error.field, value=error.value)
            await answer(error.status, view)(scope, receive, watched)
        except Exception:  # the outermost request: answered by the innermost handler already where it could be
            log.exception("%s %s failed", scope["method"], scope["path"])
            if not started:
                view = ErrorView(code="internal", detail="this is our mistake; it has been logged")
                await answer(500, view)(scope, receive, watched)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"  # each label is kept for ever
            metrics.REQUEST.labels(method, f"{status // 100}xx").observe(perf_counter() - began)
            if status >= 400:
                log.debug("%s %s was answered with %d", scope["method"], scope["path"], status)


class _Body:
    """`receive` with limits. Raises HTTPException where the body has too many bytes or is nested too deep."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._chunks: list[bytes] = []
        self._size = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request":
            return message
        chunk = message.get("body", b"")
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > BODY_LIMIT:
            raise HTTPException(413, f"a body may have {BODY_LIMIT} bytes", {"Connection": "close"})
        if not message.get("more_body", False):
            whole, self._chunks = b"".join(self._chunks), []
            # Another encoding would be guessed by whoever parses it, and its depth could not be told by its bytes.
            if (text := _text_of(whole)) is None:
                raise HTTPException(422, "a body is UTF-8 without NUL")
            if too_deep(text):
                raise HTTPException(422, f"a body may be nested {DEPTH} deep")
        return message


def _text_of(body: bytes) -> str | None:
    try:
        return None if b"\0" in body else body.decode()
    except UnicodeDecodeError:
        return None


def _with_headers(scope: Scope, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers["X-Request-ID"] = REQUEST.get()
            if scope.get("scheme") == "https":
                headers.setdefault("Strict-Transport-Security", HSTS)
        await send(message)

    return sending
