"""Putting the service together, and taking it apart again."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from app import metrics
from app.admission import Admission
from app.agent import Mind
from app.api import (
    agents,
    beliefs,
    errors,
    feedback,
    health,
    members,
    messages,
    profile,
    questions,
    refits,
    replays,
    rooms,
    runs,
    suggestions,
    thoughts,
    tokens,
    transfers,
    users,
    why,
)
from app.bus import Bus, LocalBus
from app.clock import Clock, WallClock
from app.erasing import Eraser
from app.expiry import Expiry
from app.front import Front
from app.listening import Attentive
from app.live_replay import LiveReplays
from app.owners import Alone, Owners
from app.page import Page
from app.parts import Parts
from app.protocol import ErrorBody
from app.rates import Meter
from app.remembering import Remembering
from app.resident import Listener
from app.room import Room
from app.rooms import Rooms
from app.sessions import Sessions
from app.settings import Settings
from app.shared_owners import SharedOwners
from app.socket import Socket
from app.store import Store
from app.store.database import Database
from app.tasks import Tasks
from inference.engine import Engine
from personalization.space import served

RESOURCES = (
    users,
    profile,
    tokens,
    transfers,
    rooms,
    members,
    messages,
    agents,
    runs,
    thoughts,
    suggestions,
    feedback,
    refits,
    why,
    beliefs,
    questions,
    replays,
)


def create_app(settings: Settings, engine: Engine, clock: Clock | None = None) -> Front:
    """The ASGI application. Its lifespan opens and migrates the database, starts `engine`, and closes both at the end."""
    clock = clock or WallClock()

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            api.state.parts = parts = await _open(settings, engine, clock, stack)
            front.socket, front.sessions = Socket(parts), parts.sessions
            yield
            front.socket = front.sessions = None

    api = FastAPI(title="Aside", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None)
    errors.install(api)
    for resource in RESOURCES:
        api.include_router(resource.router, prefix="/api/v1", responses={"4XX": {"model": ErrorBody}})
    api.include_router(health.router)
    api.mount("/", Page())
    front = Front(api, settings.hosts, settings.origins)
    return front


async def _open(settings: Settings, engine: Engine, clock: Clock, stack: AsyncExitStack) -> Parts:
    """What `stack` closes goes in the order of need: people first, then rooms, then what they wrote, then the database."""
    database = Database(settings.database)
    stack.push_async_callback(database.close)
    if alone := not settings.redis:  # then an SQLite file is this process's only
        await database.take()
    await database.migrate()
    tasks = Tasks()
    stack.push_async_callback(tasks.close)
    writing = tasks.start(database.committer.run(), "commit", vital=True)

    async def drain() -> None:
        database.committer.close()
        await writing

    stack.push_async_callback(drain)
    stack.push_async_callback(engine.close)
    await engine.start()
    metrics.watch_calls()
    bus = _bus(settings, clock)
    stack.push_async_callback(bus.close)
    await bus.start()
    store = Store(database, lambda: engine.model.name, served(settings.own_dimensions))

    remembering = Remembering(store, engine, clock, tasks, settings.retention)
    stack.push_async_callback(remembering.close)
    remembering.start()

    admission = Admission()

    def listen(room: Room) -> Listener:
        remembering.notice(room.id, room.fence)  # what was said before it was opened here may not have been read
        eraser = Eraser(store, live, engine.embedder, clock)
        return Attentive(room, Mind(room, engine, store, clock, tasks, eraser, admission), remembering)

    # SQLite is one process's alone; a server may have any number of them.
    owners: Owners = Alone(store) if database.sqlite and alone else SharedOwners(store, clock)
    stack.push_async_callback(owners.close)
    live = Rooms(store, clock, bus, owners, listen, settings.room_idle, shared=not isinstance(owners, Alone))
    stack.push_async_callback(live.close)
    await owners.start(live.get)
    live.start()
    expiry = Expiry(store, live, clock, tasks)
    stack.callback(expiry.close)
    expiry.start()
    replays = LiveReplays(store, live, engine, alone=isinstance(owners, Alone))
    stack.push_async_callback(replays.close)
    sessions = Sessions(store, clock)
    tasks.start(sessions.run(), "sessions", vital=True)
    return Parts(settings, engine, clock, store, live, replays, tasks, remembering, sessions, Meter(), admission)


def _bus(settings: Settings, clock: Clock) -> Bus:
    if not settings.redis:
        return LocalBus()
    from app.redis_bus import RedisBus  # a tenth of a second of every start, for those who have one

    return RedisBus(settings.redis, clock)
