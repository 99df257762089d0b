"""A chat from a file, run through Aside at once or at its own pace: the room's clock is the chat's."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.agent import Mind
from app.bus import LocalBus
from app.clock import Timer, WallClock
from app.owners import Alone
from app.protocol import TEXT_LIMIT, NewAgent, Wire
from app.resident import Listener
from app.room import Room
from app.rooms import Rooms
from app.store import Store
from app.store.database import Database
from app.store.replays import PREFIX
from app.tasks import Tasks
from conversation.message import Message
from inference.engine import Engine, until_ready

AFTERWARDS = timedelta(seconds=30)
"""Time of the chat after its last message, in which the agent may still think about it and about the first pause."""
READY_WITHIN = 180.0
"""Seconds that the model may take to load."""


class ReplayError(Exception):
    """The chat or the model cannot be used; the message says why."""


@dataclass
class _Due:
    action: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class ChatClock:
    """Stands still until `advance`. `tick` counts seconds of the chat, so that typing and quiet are measured in its time."""

    def __init__(self, start: datetime) -> None:
        self._start = self._now = start
        self._count = itertools.count()
        self._due: list[tuple[datetime, int, _Due]] = []

    def now(self) -> datetime:
        return self._now

    def tick(self) -> float:
        return (self._now - self._start).total_seconds()

    def call_later(self, delay: float, action: Callable[[], None]) -> Timer:
        timer = _Due(action)
        heapq.heappush(self._due, (self._now + timedelta(seconds=delay), next(self._count), timer))
        return timer

    def ring(self, until: datetime) -> bool:
        """Runs the next timer that is due by `until`, at its own time; False where there is none, and then it is `until`."""
        while self._due and self._due[0][0] <= until:
            at, _, timer = heapq.heappop(self._due)
            if not timer.cancelled:
                self._now = max(self._now, at)
                timer.action()
                return True
        self._now = max(self._now, until)
        return False


class Measured:
    """The same clock for a mind, whose stages are measured in real time."""

    def __init__(self, clock: ChatClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def tick(self) -> float:
        return time.perf_counter()

    def call_later(self, delay: float, action: Callable[[], None]) -> Timer:
        return self._clock.call_later(delay, action)


class Summary(Wire):
    """Of the whole room, with what an earlier replay left in it. `rate`: part of the runs that decided to speak; `share`: part of
    all messages that are then the agent's. `invite`: a code that makes its bearer an owner of the room."""

    room: str
    messages: int
    runs: int
    spoken: int
    rate: float
    share: float
    invite: str


async def replay(
    chat: Sequence[Message],
    name: str,
    agent: NewAgent,
    speed: float,
    database: Database,
    engine: Engine,
    step: Callable[[int], None] = lambda done: None,
) -> Summary:
    """`chat`: oldest first. `speed`: seconds of the chat in one second; 0 for as fast as the model thinks. `step` is told how
    many messages are in the room. What was replayed before is passed over. Raises ReplayError, ModelError, WireError."""
    if not chat:
        raise ReplayError("the chat holds no message")
    async with AsyncExitStack() as stack:
        store = await _opened(database, engine, stack)
        first = chat[0]
        key = key_of(name, first)
        room_id = await store.replays.open(key, name, agent, first.at)
        done = min(await store.replays.posted(room_id), len(chat))
        clock = ChatClock(chat[done - 1].at if done else first.at)
        scene = await Scene.open(store, room_id, clock, engine, stack)
        step(done)
        for number, message in enumerate(chat[done:], start=done + 1):
            await scene.until(message.at, speed)
            await scene.say(message)
            step(number)
        await scene.until(clock.now() + AFTERWARDS, speed)
        acts = await store.replays.acts(room_id)
        posted = await store.replays.posted(room_id)
        invite = (await store.invites.create(room_id, "owner", WallClock().now())).invite
    runs, spoken = sum(acts.values()), acts.get("speak", 0)
    return Summary(
        room=room_id,
        messages=posted,
        runs=runs,
        spoken=spoken,
        rate=round(spoken / runs, 4) if runs else 0.0,
        share=round(spoken / (spoken + posted), 4),
        invite=invite,
    )


def key_of(name: str, first: Message, *more: str) -> str:
    """What tells a chat from every other."""
    return "\0".join((name, first.id, first.author.id, first.at.isoformat(), first.text, *more))


async def _opened(database: Database, engine: Engine, stack: AsyncExitStack) -> Store:
    stack.push_async_callback(database.close)
    await database.migrate()
    tasks = Tasks()
    writing = tasks.start(database.committer.run(), "commit")

    async def drain() -> None:
        database.committer.close()
        await writing

    stack.push_async_callback(drain)
    stack.push_async_callback(engine.close)
    await engine.start()
    await until_ready(engine, READY_WITHIN)
    return Store(database, lambda: engine.model.name)


class Scene:
    """The live room of a replay, its clock and its mind."""

    def __init__(self, store: Store, room: Room, clock: ChatClock, mind: Mind) -> None:
        self._store = store
        self._room = room
        self._clock = clock
        self._mind = mind

    @classmethod
    async def open(cls, store: Store, room_id: str, clock: ChatClock, engine: Engine, stack: AsyncExitStack) -> "Scene":
        tasks, minds = Tasks(), dict[str, Mind]()

        def listen(room: Room) -> Listener:
            minds[room.id] = Mind(room, engine, store, Measured(clock), tasks)
            return minds[room.id]

        rooms = Rooms(store, clock, LocalBus(), Alone(store), listen)
        stack.push_async_callback(tasks.close)
        stack.push_async_callback(rooms.close)
        room = await rooms.get(room_id)
        await minds[room_id].rest()
        return cls(store, room, clock, minds[room_id])

    async def until(self, at: datetime, speed: float) -> None:
        """Lets time pass: whatever falls due on the way happens, and every thought is thought out before the next."""
        if speed:
            await asyncio.sleep(max(0.0, (at - self._clock.now()).total_seconds() / speed))
        while self._clock.ring(at):
            await self._mind.rest()

    async def say(self, message: Message) -> None:
        """At its own time, and under no rate: it was said already."""
        author = await self._store.replays.author(self._room.id, message.author.name[:64], message.at)
        if self._room.role(author.id) is None:
            await self._room.join(author)
        text = message.text.strip()[:TEXT_LIMIT] or "…"
        answers = None
        if message.reply_to is not None:
            answers = await self._store.replays.message(self._room.id, message.reply_to)
        await self._room.post_agent(author.id, f"{PREFIX}{message.id}", text, answers)
        await asyncio.sleep(0)
        await self._mind.rest()
