"""Rooms full of people, put straight into a database before a service opens it: what is measured comes after."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from app.protocol import NewAgent
from app.store import Store
from app.store.backup import file_of
from app.store.database import Database
from conversation.message import Author

T = TypeVar("T")
AT_ONCE = 500
"""Writes under way at a time."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One person and the one room they are in."""

    user: str
    token: str
    room: str


async def seat(url: str, rooms: int, people: int, agent: NewAgent | None = None) -> list[Seat]:
    """`rooms` rooms of `people` people each, room by room; their logs are empty. `url` is an SQLite file's."""
    now = datetime.now(UTC)
    async with _store(url, migrate=True) as store:

        async def fill(number: int) -> list[Seat]:
            users = [await store.users.add(f"Person {number}-{i}", now) for i in range(people)]
            room = await store.rooms.create(f"Room {number}", users[0].id, agent, now)
            return [Seat(user.id, user.token, room) for user in users]

        seats = [one for some in await _in_turns(fill, rooms) for one in some]
    # Their owners are members already. Nobody sees the others join, so nothing of it is logged: that would take minutes.
    rows = [(one.room, one.user, "member", now.replace(tzinfo=None).isoformat(" ")) for one in seats]
    with sqlite3.connect(file_of(url)) as file:
        file.executemany("INSERT OR IGNORE INTO members (room_id, user_id, role, at) VALUES (?, ?, ?, ?)", rows)
    file.close()
    return seats


async def say(url: str, seats: Sequence[Seat], text: str) -> None:
    """One message in each room, of one of its people, as another process would have taken it."""
    async with _store(url) as store:
        now = datetime.now(UTC)
        speakers = list({one.room: one for one in seats}.values())

        async def post(number: int) -> None:
            one = speakers[number]
            await store.messages.post(one.room, Author(one.user, "Person", "human"), "while-away", text, None, now)

        await _in_turns(post, len(speakers))


@asynccontextmanager
async def _store(url: str, migrate: bool = False) -> AsyncIterator[Store]:
    database = Database(url)
    if migrate:
        await database.migrate()
    writing = asyncio.ensure_future(database.committer.run())
    try:
        yield Store(database, lambda: "scripted")
    finally:
        database.committer.close()
        await writing
        await database.close()


async def _in_turns(work: Callable[[int], Awaitable[T]], count: int) -> list[T]:
    done: list[T] = []
    for start in range(0, count, AT_ONCE):
        done += await asyncio.gather(*map(work, range(start, min(count, start + AT_ONCE))))
    return done
