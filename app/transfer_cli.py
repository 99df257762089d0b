"""`python -m app export` and `import`: a room as a file, from the database itself, whether or not the service runs."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from app.errors import BadInput, NotFound
from app.store import Store
from app.store.database import Database
from app.tasks import Tasks
from app.transfer import exported, read


@dataclass(frozen=True, slots=True)
class Taken:
    """`token` is of the owner, where they are new: this is the only moment at which it can be seen."""

    room: str
    name: str
    events: int
    runs: int
    owner: str
    token: str | None


async def export_room(database: str, room: str, to: TextIO) -> int:
    """Lines that were written. Raises NotFound, Unavailable, OSError."""
    async with _opened(database) as store:
        row = await store.rooms.get(room)
        if row is None:
            raise NotFound("no such room", "room", room)
        count = 0
        async for line in exported(store, row.id, row.name):
            to.write(line)
            count += 1
        return count


async def import_room(
    database: str, lines: Iterable[str], name: str, owner: str | None, new_owner: str, now: datetime
) -> Taken:
    """`name`: of a room whose file says none. `owner`: the id of a person, or None for somebody new, called `new_owner`. Raises
    BadInput, NotFound, Unavailable."""
    whole = read(lines, name)
    if not whole.events:
        raise BadInput("there is no message in this file", "file", name)
    async with _opened(database) as store:
        token = None
        if owner is None:
            made = await store.users.add(new_owner, now)
            owner, owner_name, token = made.id, made.name, made.token
        elif (known := await store.users.get(owner)) is not None:
            owner_name = known.name
        else:
            raise NotFound("no such person", "owner", owner)
        room = await store.transfers.take_in(whole, owner, owner_name, now)
    return Taken(room, whole.room.name, len(whole.events), len(whole.runs), owner, token)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Store]:
    database, tasks = Database(url), Tasks()
    try:
        await database.migrate()
        writing = tasks.start(database.committer.run(), "commit")
        try:
            yield Store(database, lambda: "")
        finally:
            database.committer.close()
            await writing
    finally:
        await database.close()
