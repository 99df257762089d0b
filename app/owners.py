"""In which process the agents of a room think: one at a time, under a fencing number that every commit of theirs shows."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from app.bus import Heard
from app.errors import WireError
from app.store import Store
from app.tasks import Tasks

log = logging.getLogger(__name__)

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
        self._tasks = Tasks()

    async def start(self, open_room: Open) -> None:
        """Returns at once: people come first, what is left to think about is looked at meanwhile."""
        self._tasks.start(one_by_one(await self._store.outbox.waiting(), open_room), "open rooms")

    async def join(self, room: str, lead: Lead, heard: Heard) -> None:
        lead(await self._store.owners.claim(room, "alone", alone=True))

    async def leave(self, room: str) -> None:
        return

    async def close(self) -> None:
        await self._tasks.close()


async def one_by_one(rooms: Sequence[str], open_room: Open) -> None:
    """Opens them in turn: all at once they would be in the way of those who come back just now."""
    for room in rooms:
        try:
            await open_room(room)
        except WireError as error:
            log.info("room %s has something to think about, and cannot be opened: %s", room, error)
