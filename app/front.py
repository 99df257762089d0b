"""The outermost layer: sends websockets one way and requests the other, and lets no failure out as a traceback."""

import logging
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import answer
from app.protocol import ErrorView

log = logging.getLogger(__name__)

BODY_LIMIT = 1024 * 1024
"""Bytes. The largest lawful body, an agent with all its memories, has a quarter of it."""


class Front:
    """The ASGI application. `socket` answers `/ws` once the service is up; `api` everything that is HTTP."""

    def __init__(self, api: FastAPI) -> None:
        self.api = api
        self.socket: ASGIApp | None = None

    def openapi(self) -> dict[str, Any]:
        return self.api.openapi()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self.api(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != "/ws" or self.socket is None:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            await self.socket(scope, receive, send)
        except Exception:  # the outermost request: whatever broke, the others go on
            log.exception("a websocket failed")
            await send({"type": "websocket.close", "code": 1011})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False
        received = 0

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > BODY_LIMIT:
                raise HTTPException(413, f"a body may have {BODY_LIMIT} bytes", {"Connection": "close"})
            return message

        try:
            await self.api(scope, limited, watched)
        except Exception:  # the outermost request: answered by the innermost handler already where it could be
            log.exception("%s %s failed", scope["method"], scope["path"])
            if not started:
                view = ErrorView(code="internal", detail="this is our mistake; it has been logged")
                await answer(500, view)(scope, receive, send)
