"""The server around the application: uvicorn, told how to stop without losing anything."""

import asyncio
import gc
import socket

import uvicorn

from app.clock import WallClock
from app.front import Front
from app.main import create_app
from app.protocol import FRAME_LIMIT
from app.settings import BACKLOG, Settings
from app.tracing import TRACING
from app.websocket import Doorway, Websocket
from inference.engine import Engine

GRACE = 5
"""Seconds that open connections get when the service is told to stop."""
ACCEPTED = 4
"""Turns of the loop after which uvicorn knows of a connection that was accepted. When asyncio is told to close before, it leaves
that one open; uvicorn would not tell it to close, and wait for it all of GRACE."""
GARBAGE = (10_000, 10, 10)
"""Objects more than before, at which the young ones are looked through, and so on: what a message leaves behind is mostly gone
by itself."""
LOOK = 120.0
"""Seconds from one look through all that was made since the start to the next. By count the first would come after most of
an hour of 50 rooms, and what hangs together in circles would pile up. It holds everybody up by tens of milliseconds."""
NOT_STARTED = 3
"""Exit status; the log says why."""


def settle() -> None:
    """What is there now stays as long as the process: routes, schemas and statements. To look through them for garbage holds
    everybody up, by twenty milliseconds each time and more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)


class Server(uvicorn.Server):
    """Told to stop, it lets nobody in any more, lets websockets finish what they are doing (no ack is lost) and tells them to
    come back, waits for requests under way, then has the lifespan hand the rooms over. Whoever is still there is cut off.

    `alone`: the process is this server's and nobody else's, so what its start made stays as long as the process."""

    def __init__(self, config: uvicorn.Config, app: Front, alone: bool = False) -> None:
        super().__init__(config)
        self._app = app
        self._alone = alone
        self._looking: asyncio.TimerHandle | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._alone:
            settle()
            self._look_later()

    def _look(self) -> None:
        gc.collect()
        self._look_later()

    def _look_later(self) -> None:
        self._looking = asyncio.get_running_loop().call_later(LOOK, self._look)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        if self._looking is not None:
            self._looking.cancel()
        for listening in [listening for server in self.servers for listening in server.sockets]:
            loop.remove_reader(listening.fileno())
        for _ in range(ACCEPTED):
            await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        await self._app.leave()
        await super().shutdown(sockets)
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # closes them


async def run(settings: Settings, engine: Engine, listener: socket.socket) -> None:
    """Serves until told to stop. Raises CannotTraceError, SystemExit(NOT_STARTED)."""
    app = create_app(settings, engine, WallClock())
    config = uvicorn.Config(
        app,
        http=Doorway,
        ws=Websocket,
        ws_max_size=FRAME_LIMIT,
        ws_per_message_deflate=False,
        workers=1,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE,
        backlog=BACKLOG,
    )
    server = Server(config, app, alone=True)
    TRACING.start(settings.otlp_endpoint)
    await server.serve(sockets=[listener])
    await asyncio.to_thread(TRACING.stop)
    if not server.started:
        raise SystemExit(NOT_STARTED)
