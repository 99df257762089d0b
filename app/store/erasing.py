"""What a person has forgotten: which items and messages are meant, and that nothing that came of them is left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import Database
from app.store.forgetting import Trail, forget, trail, unword
from app.store.items import audience_id, write_audiences
from app.store.tables import forgotten, items, messages, runs

ANSWER = "memory-"
"""Begins the client ids of what agents answer about their memory."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message that was not deleted."""

    id: str
    room: str
    author: str
    text: str


class Erasing:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def said(self, user: str, room: str | None = None, ids: Collection[str] | None = None) -> tuple[Said, ...]:
        """What `user` wrote: all, or in `room`, or of `ids`; oldest first."""
        query = select(messages).where(messages.c.author_id == user, messages.c.deleted_at.is_(None))
        if room is not None:
            query = query.where(messages.c.room_id == room)
        if ids is not None:
            query = query.where(messages.c.id.in_(sorted(ids)))
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(messages.c.at, messages.c.seq))).all()
        return tuple(map(_said, rows))

    async def spoken(self, user: str, traced: Trail) -> tuple[Said, ...]:
        """What agents said in the runs that were found, and when they were asked what they remember."""
        query = select(messages).join(runs, runs.c.message_id == messages.c.id).where(messages.c.deleted_at.is_(None))
        found: list[Said] = []
        numbers = sorted(traced.runs)
        async with self._database.read() as connection:
            for start in range(0, len(numbers), 500):
                some = runs.c.number.in_(numbers[start : start + 500])
                found.extend(map(_said, await connection.execute(query.where(some))))
            asked = messages.alias("asked")
            told = select(messages).join(asked, asked.c.id == messages.c.reply_to)
            told = told.where(messages.c.deleted_at.is_(None), messages.c.client_id.startswith(ANSWER))
            found.extend(map(_said, await connection.execute(told.where(asked.c.author_id == user))))
        return tuple(found)

    async def reword(self, item: str, text: str, embedding: Sequence[float]) -> frozenset[str]:
        """The person's words in the place of the item's; what came of the old ones is gone. The rooms where that was."""
        placed = np.asarray(embedding, dtype="<f4").tobytes()
        columns = {"text": text, "embedding": placed, "edited": True, "confidence": 1.0, "circumstance": ""}
        return await self._change(item, columns)

    async def redirect(self, item: str, audience: frozenset[str] | None) -> frozenset[str]:
        """Another audience for an item and its corrections, None for everybody; thoughts that were made of it go. The rooms where
        they were."""
        return await self._change(item, {"public": audience is None}, audience)

    async def _change(
        self, item: str, columns: dict[str, object], audience: frozenset[str] | None = None
    ) -> frozenset[str]:
        # Only what came of it goes: a trail without the item itself.
        traced = replace(await trail(self._database, [item]), items=frozenset())

        async def work(connection: AsyncConnection) -> None:
            mine = items.c.id == item
            if "public" in columns:
                mine |= items.c.corrects_id == item
            if audience is not None:
                await write_audiences(connection, {audience})
                columns["audience_id"] = audience_id(audience)
            await connection.execute(update(items).where(mine).values(columns))
            await unword(connection, traced)

        await self._database.write(work)
        return traced.rooms

    async def withheld(self, ids: Collection[str]) -> frozenset[str]:
        """Those of `ids` that are messages of which nothing is kept."""
        async with self._database.read() as connection:
            query = select(forgotten.c.id).where(forgotten.c.id.in_(sorted(ids)))
            return frozenset((await connection.execute(query)).scalars())

    async def erase(self, seeds: Collection[str]) -> Trail:
        """Items and messages: the items are gone, and of the messages nothing is kept and nothing will be; they themselves stay.
        What was found to come of them, without its words now."""
        traced = await trail(self._database, seeds)

        async def work(connection: AsyncConnection) -> None:
            known = set((await connection.execute(select(forgotten.c.id).where(forgotten.c.id.in_(seeds)))).scalars())
            if new := set(seeds) - known:
                await connection.execute(insert(forgotten), [{"id": one} for one in sorted(new)])
            await forget(connection, traced)

        if not seeds:
            return traced
        await self._database.write(work)
        # What was stored between the look and the erasure is found by a second look; what is stored from now on, by whoever
        # stores it.
        late = await trail(self._database, seeds)
        if late.thoughts - traced.thoughts or late.runs - traced.runs:
            await self._database.write(lambda connection: forget(connection, late))
        return traced

    async def expire(self, before: datetime) -> int:
        """Erases the items of what was said before then; how many."""
        query = select(items.c.id).where(items.c.at < before).limit(1_000)
        async with self._database.read() as connection:
            old = tuple((await connection.execute(query)).scalars())
        if old:
            await self.erase(old)
        return len(old)

    async def settle(self) -> None:
        """Takes what was erased out of the files of an SQLite database too: its log is written back and cut to nothing. What a
        server leaves behind goes with its next vacuum."""
        await self._database.settle()


def _said(row: Row[Any]) -> Said:
    return Said(row.id, row.room_id, row.author_id, row.text)
