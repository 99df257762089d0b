"""In which process the agents of a room think: one at a time, under a fencing number that every commit of theirs shows."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from app.bus import Heard
from app.store import Store

Lead = Callable[[int | None], None]
Open = Callable[[str], Awaitable[object]]


class Owners(Protocol):
    """`join` calls `lead` with a fencing number when the room's agents are to think here, with None when no longer; and `heard`
    with what the database shows that no note has told. `start` sees to it that rooms with something left to think about are
    opened, by `open_room`."""

    async def start(self, open_room: Open) -> None: ...
    async def join(self, room: str, lead: Lead, heard: Heard) -> None: ...
    async def leave(self, room: str) -> None: ...
    async def close(self) -> None: ...


class Alone:
    """A single process: every room is ours. The number still grows, so that nothing of an earlier life is taken for ours."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def start(self, open_room: Open) -> None:
        for room in await self._store.outbox.waiting():
            await open_room(room)

    async def join(self, room: str, lead: Lead, heard: Heard) -> None:
        lead(await self._store.owners.claim(room, "alone", alone=True))

    async def leave(self, room: str) -> None:
        return

    async def close(self) -> None:
        return
