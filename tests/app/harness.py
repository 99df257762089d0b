"""A service on an ephemeral port with a scripted model and a database of its own, and people who use it.

async with served(tmp_path) as house:
    ann = await house.user("Ann")
    room = await ann.room("Tea", agent=None)
    async with ann.line({room: 0}) as line:
        await line.send(type="send", room=room, client_id="1", text="hello")
        ack = await line.until("ack")
"""

import asyncio
import contextlib
import heapq
import itertools
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from app.clock import Clock, Timer, WallClock
from app.front import Front
from app.main import create_app
from app.parts import Parts
from app.protocol import FRAME_LIMIT
from app.server import Server
from app.settings import Settings
from app.websocket import Doorway, Websocket
from inference.protocol import Embedder, LanguageModel
from inference.scripted import ScriptedEmbedder, ScriptedModel

Frame = dict[str, Any]
PATIENCE = 20.0
"""Seconds after which a test that waits for a frame fails: it hangs otherwise."""
DEFAULT: Any = object()
"""An agent as the server makes one where none is named."""


class ManualClock:
    """Time stands still until `advance`, which runs what falls due on the way, in order."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)) -> None:
        self._start = start
        self._passed = 0.0
        self._count = itertools.count()
        self._due: list[tuple[float, int, _ManualTimer]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def tick(self) -> float:
        return self._passed

    def call_later(self, delay: float, action: Callable[[], None]) -> Timer:
        timer = _ManualTimer(action)
        heapq.heappush(self._due, (self._passed + delay, next(self._count), timer))
        return timer

    def next_due(self) -> float | None:
        """When the next timer rings, as `tick` counts; None where nothing waits."""
        while self._due and self._due[0][2].cancelled:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def advance(self, seconds: float) -> None:
        until = self._passed + seconds
        while self._due and self._due[0][0] <= until:
            self._passed, _, timer = heapq.heappop(self._due)
            if not timer.cancelled:
                timer.action()
        self._passed = until


@dataclass
class _ManualTimer:
    action: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class ScriptedEngine:
    """Ready at once, unless `word` says otherwise."""

    model: LanguageModel = field(default_factory=ScriptedModel)
    embedder: Embedder = field(default_factory=ScriptedEmbedder)
    word: str = "ok"
    running: bool = False

    async def start(self) -> None:
        self.running = True

    def status(self) -> str:
        return self.word

    async def close(self) -> None:
        self.running = False


class Line:
    """One websocket. `next` gives frames in the order in which they came."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.skipped: deque[Frame] = deque()

    async def send(self, **frame: Any) -> None:
        await self.connection.send(encoded(frame))

    async def next(self) -> Frame:
        async with asyncio.timeout(PATIENCE):
            frame: Frame = parsed(await self.connection.recv())
        return frame

    async def until(self, kind: str, **fields: Any) -> Frame:
        """The next frame of this type and these fields; those before it are kept in `skipped`."""
        while True:
            frame = await self.next()
            if frame["type"] == kind and all(frame.get(name) == value for name, value in fields.items()):
                return frame
            self.skipped.append(frame)

    async def post(self, room: str, client_id: str, text: str, **more: Any) -> Frame:
        """Sends a message; its ack, or the error."""
        await self.send(type="send", room=room, client_id=client_id, text=text, **more)
        while True:
            frame = await self.next()
            if frame["type"] in ("ack", "error") and frame.get("client_id") == client_id:
                return frame
            self.skipped.append(frame)

    async def quiet(self) -> list[Frame]:
        """Every frame that was on its way, up to a pong."""
        await self.send(type="ping")
        before = len(self.skipped)
        await self.until("pong")
        frames = list(self.skipped)[before:]
        while len(self.skipped) > before:
            self.skipped.pop()
        return frames

    async def closed(self) -> tuple[int, str]:
        """Waits for the server to close; the code and the reason."""
        async with asyncio.timeout(PATIENCE):
            await self.connection.wait_closed()
        return self.connection.close_code or 0, self.connection.close_reason or ""


class Person:
    """Somebody with a token."""

    def __init__(self, house: "House", user: Mapping[str, str]) -> None:
        self.house = house
        self.id, self.name, self.token = user["id"], user["name"], user["token"]

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """`path` is under /api/v1."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.house.http.request(method, f"/api/v1{path}", json=body, headers=headers, **options)

    async def got(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer that must be 2xx."""
        response = await self.call(method, path, body)
        assert response.is_success, f"{method} {path} → {response.status_code} {response.text}"
        return response.json() if response.content else None

    async def room(self, name: str = "Room", agent: Any = DEFAULT) -> str:
        body = {"name": name} if agent is DEFAULT else {"name": name, "agent": agent}
        return str((await self.got("POST", "/rooms", body))["id"])

    async def let_in(self, room: str, *others: "Person", role: str = "member") -> None:
        for other in others:
            await self.got("POST", f"/rooms/{room}/members", {"user": other.id, "role": role})

    @asynccontextmanager
    async def line(self, rooms: Mapping[str, int] | None = None, live: bool = True) -> AsyncIterator[Line]:
        """A websocket after its hello. `live`: every room's replay was read already and is in `skipped`."""
        async with self.house.dial() as line:
            await self.hello(line, rooms or {})
            if live:
                for _ in rooms or {}:
                    await line.until("live")
            yield line

    async def hello(self, line: Line, rooms: Mapping[str, int]) -> None:
        named = [{"room": room, "after": after} for room, after in rooms.items()]
        await line.send(type="hello", token=self.token, rooms=named)


class House:
    """The running service. `parts` reaches inside."""

    def __init__(self, app: Front, port: int, http: httpx.AsyncClient, engine: ScriptedEngine) -> None:
        self.app = app
        self.url = f"http://127.0.0.1:{port}"
        self.ws = f"ws://127.0.0.1:{port}/ws"
        self.http = http
        self.engine = engine

    @property
    def parts(self) -> Parts:
        parts: Parts = self.app.api.state.parts
        return parts

    async def user(self, name: str) -> Person:
        response = await self.http.post("/api/v1/users", json={"name": name})
        assert response.status_code == 201, response.text
        return Person(self, response.json())

    @asynccontextmanager
    async def dial(self, query: str = "", **options: Any) -> AsyncIterator[Line]:
        """A websocket that has said nothing yet."""
        async with connect(self.ws + query, compression=None, proxy=None, ping_interval=None, **options) as connection:
            yield Line(connection)


@asynccontextmanager
async def served(
    folder: Path,
    engine: ScriptedEngine | None = None,
    clock: Clock | None = None,
    **settings: Any,
) -> AsyncIterator[House]:
    """The service over its real server. `settings` are fields of Settings; the database is a file in `folder`."""
    settings.setdefault("database", f"sqlite+aiosqlite:///{folder / 'aside.db'}")
    engine = engine or ScriptedEngine()
    app = create_app(Settings(model="scripted", **settings), engine, clock or WallClock())
    config = uvicorn.Config(
        app,
        http=Doorway,
        ws=Websocket,
        ws_max_size=FRAME_LIMIT,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=5,
    )
    config.load()
    server = Server(config, app)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # asyncio asks for it only on sockets that say which protocol they speak, and these do not: without it a small frame
        # after a small frame waits 40 ms for the client's kernel.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port = listener.getsockname()[1]
        await server.startup(sockets=[listener])
        assert server.started, "the service did not start; its log says why"
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE
            ) as http:
                yield House(app, port, http, engine)
        finally:
            with contextlib.suppress(asyncio.CancelledError):
                await server.shutdown(sockets=[listener])


def encoded(frame: Frame) -> str:
    return orjson.dumps(frame).decode()


def parsed(text: str | bytes) -> Frame:
    frame: Frame = orjson.loads(text)
    return frame
