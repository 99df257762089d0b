"""One live room over a real store, with a clock that stands still, and those who listen to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.bus import Heard, LocalBus, Note
from app.owners import Lead, Open
from app.protocol import NewAgent
from app.room import Room
from app.rooms import Rooms
from app.store import Store
from conversation.member import Member
from conversation.message import Message
from tests.app.harness import ManualClock
from tests.app.store.opened import NOW, a_room, opened


@dataclass
class Listening:
    """Writes down what it is told."""

    told: list[object] = field(default_factory=list)
    closed: bool = False
    at_rest: bool = True

    def heard(self, message: Message) -> None:
        self.told.append(message.text)

    @property
    def idle(self) -> bool:
        return self.at_rest

    def reworded(self, message: Message, gone: bool) -> None:
        self.told.append((message.text, "gone" if gone else "edited"))

    def typing(self, user: str, on: bool) -> None:
        self.told.append((user, on))

    def changed(self) -> None:
        self.told.append("changed")

    async def close(self) -> None:
        self.closed = True


@dataclass(eq=False)
class Reader:
    """A subscriber that keeps everything."""

    user: str
    got: list[dict[str, Any]] = field(default_factory=list)

    def deliver(self, room: str, body: str, seq: int | None) -> None:
        frame = orjson.loads(body)
        assert frame.get("seq") == seq
        self.got.append(frame)

    def kinds(self) -> list[str]:
        return [frame["type"] for frame in self.got]


class OtherProcess(LocalBus):
    """The bus of a test: keeps what was published, and speaks as another process."""

    me = "here"

    def __init__(self) -> None:
        self.published: list[Note] = []
        self.heard: Heard = lambda note: None

    async def join(self, room: str, heard: Heard) -> None:
        self.heard = heard

    def unsent(self) -> int:
        return 0

    def publish(self, room: str, note: Note) -> None:
        self.published.append(note)


class Given:
    """Rooms are ours until the test says otherwise."""

    def __init__(self) -> None:
        self.lead: Lead = lambda fence: None
        self.left: list[str] = []

    async def start(self, open_room: Open) -> None:
        return

    async def join(self, room: str, lead: Lead, heard: Heard) -> None:
        self.lead = lead
        lead(1)

    async def leave(self, room: str) -> None:
        self.left.append(room)

    async def close(self) -> None:
        return


@dataclass
class Scene:
    store: Store
    rooms: Rooms
    room: Room
    clock: ManualClock
    bus: OtherProcess
    owners: Given
    listener: Listening
    ann: str

    async def person(self, name: str, role: str = "member") -> str:
        user = await self.store.users.add(name, NOW)
        await self.room.join(Member(user.id, name, role))  # type: ignore[arg-type]
        return user.id


@asynccontextmanager
async def scene(url: str, agent: NewAgent | None = None) -> AsyncIterator[Scene]:
    async with opened(url) as store:
        clock, bus, owners, listener = ManualClock(NOW), OtherProcess(), Given(), Listening()
        room_id, owner, _ = await a_room(store, agent)
        rooms = Rooms(store, clock, bus, owners, lambda room: listener)
        room = await rooms.get(room_id)
        try:
            yield Scene(store, rooms, room, clock, bus, owners, listener, owner.id)
        finally:
            await rooms.close()
