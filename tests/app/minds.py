"""A room that its minds can be heard and watched in, without a service."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.agent import Mind
from app.frames import DecisionEvent
from app.protocol import NewAgent, PolicyView, QuietView, RunView, Wire
from app.store import Store
from app.store.database import Database
from app.tasks import Tasks
from conversation.floor import Floor
from conversation.member import Member
from conversation.message import Message
from conversation.transcript import Transcript
from inference.scripted import ScriptedModel
from tests.app.harness import PATIENCE, ManualClock, ScriptedEngine

ALWAYS = PolicyView(im_threshold=1.0, interrupt_threshold=1.0, allocated_threshold=1.0, talk_share=1.0, min_gap=0)
NEVER = PolicyView(im_threshold=5.0, interrupt_threshold=5.0, allocated_threshold=5.0, system1_prob=0.0)
HIGH = (0.0, 0.0, 0.0, 1.0, 5.0)


@dataclass
class FakeRoom:
    """A room's public face: what was said in it and what was sent."""

    id: str
    clock: ManualClock
    fence: int | None = field(default=None, init=False)
    people: tuple[Member, ...]
    said: list[Message] = field(default_factory=list)
    to_all: list[Wire] = field(default_factory=list)
    to_watchers: list[Wire] = field(default_factory=list)
    to_owners: list[Wire] = field(default_factory=list)
    nods: list[tuple[str, str, str]] = field(default_factory=list)
    hushes: list[tuple[str, QuietView | None]] = field(default_factory=list)
    typing: frozenset[str] = frozenset()
    mind: Mind | None = None
    on_draft: Callable[[], None] | None = None
    revision: int = 0

    def transcript(self) -> Transcript:
        return Transcript(tuple(self.said), self.revision)

    def rewords(self, message: Message, text: str | None) -> None:
        """None: it was deleted."""
        self.said = [replace(m, text=text) if text is not None and m is message else m for m in self.said]
        self.said = [m for m in self.said if text is not None or m is not message]
        self.revision += 1
        if self.mind is not None:
            self.mind.reworded(message, gone=text is None)

    def members(self) -> tuple[Member, ...]:
        return self.people

    def floor(self) -> Floor:
        return Floor(self.typing, 2.0)

    def broadcast(self, frame: Wire) -> None:
        self.to_all.append(frame)
        if frame.model_dump()["type"] == "draft" and self.on_draft is not None:
            self.on_draft()

    def broadcast_watchers(self, frame: Wire) -> None:
        self.to_watchers.append(frame)

    def broadcast_owners(self, frame: Wire) -> None:
        self.to_owners.append(frame)

    def say(self, who: str, text: str, reply_to: str | None = None) -> Message:
        member = next(m for m in self.people if m.id == who)
        seq = len(self.said) + 1
        message = Message(f"m{seq}", seq, member.as_author(), text, self.clock.now(), reply_to)
        self.said.append(message)
        if self.mind is not None:
            self.mind.heard(message)
        return message

    async def post_agent(
        self, agent_id: str, client_id: str, text: str, reply_to: str | None, fence: int | None
    ) -> Message:
        return self.say(agent_id, text, reply_to)

    async def react_agent(self, agent_id: str, message_id: str, emoji: str) -> None:
        self.nods.append((agent_id, message_id, emoji))

    async def hush_agent(self, agent_id: str, quiet: QuietView | None) -> None:
        self.hushes.append((agent_id, quiet))

    def runs(self) -> list[RunView]:
        return [f.run for f in self.to_watchers if isinstance(f, DecisionEvent)]


@dataclass
class World:
    room: FakeRoom
    store: Store
    mind: Mind
    model: ScriptedModel
    clock: ManualClock
    agents: list[str]

    async def settle(self) -> None:
        """Lets the work that is under way end; only the database takes real time."""
        async with asyncio.timeout(PATIENCE):
            await self.mind.rest()

    async def passes(self, seconds: float) -> None:
        """Time goes by, and whatever falls due is done at its time."""
        end = self.clock.tick() + seconds
        while (due := self.clock.next_due()) is not None and due <= end:
            self.clock.advance(due - self.clock.tick())
            await self.settle()
        self.clock.advance(end - self.clock.tick())
        await self.settle()

    async def kept(self, text: str) -> Message:
        """Ann says it to the database, and nobody thinks."""
        author, now = self.room.people[0].as_author(), self.clock.now()
        posted = await self.store.messages.post(self.room.id, author, f"kept-{text}", text, None, now)
        self.room.said.append(posted.message)
        return posted.message

    async def stored(self) -> tuple[RunView, ...]:
        return await self.store.runs.list_runs(self.room.id, limit=500)


@asynccontextmanager
async def world(folder: Path, *agents: NewAgent, **engine: Any) -> AsyncIterator[World]:
    database = Database(f"sqlite+aiosqlite:///{folder / 'minds.db'}")
    await database.migrate()
    tasks, clock, model = Tasks(), ManualClock(), ScriptedModel()
    tasks.start(database.committer.run(), "commit")
    store = Store(database, lambda: "scripted")
    owner = (await store.users.add("Ann", clock.now())).id
    bob = (await store.users.add("Bob", clock.now())).id
    ann = Member(owner, "Ann", "owner")
    room_id = await store.rooms.create("Tea", ann.id, None, clock.now())
    ids = [
        (await store.agents.add(room_id, a, clock.now()))[0] for a in agents or (NewAgent(name="Mika", policy=ALWAYS),)
    ]
    names = [a.name for a in agents] or ["Mika"]
    people = (ann, Member(bob, "Bob", "member"), *(Member(i, n, "agent") for i, n in zip(ids, names, strict=True)))
    room = FakeRoom(room_id, clock, people)
    scripted = ScriptedEngine(model=model, **engine)
    room.mind = Mind(room, scripted, store, clock, tasks)
    made = World(room, store, room.mind, model, clock, ids)
    try:
        await made.settle()
        yield made
    finally:
        await made.mind.close()
        await tasks.close()
        await database.close()


@asynccontextmanager
async def reborn(w: World) -> AsyncIterator[World]:
    """Another process over the same database and room."""
    await w.mind.close()
    tasks = Tasks()
    mind = Mind(w.room, ScriptedEngine(model=w.model), w.store, w.clock, tasks)
    again = replace(w, mind=mind)
    try:
        await again.settle()
        yield again
    finally:
        await mind.close()
        await tasks.close()
