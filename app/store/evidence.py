"""What is believed of people rests on evidence, and this is where it is: one row a message and dimension."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import Database
from app.store.members import lock
from app.store.tables import evidence, forgotten, members, messages
from personalization.belief import Evidence

MOST = 400
"""Rows of a person that are read: what was set by hand, and the newest."""


class Beliefs:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user: str, room: str | None, told: Mapping[str, Evidence]) -> bool:
        """By dimension, in place of what the same source told before. False where the message has been deleted meanwhile, or
        nothing is to be kept of it."""

        async def work(connection: AsyncConnection) -> bool:
            if room is not None and not await _stand(connection, room, [one.source for one in told.values()]):
                return False
            for dimension, one in told.items():
                await connection.execute(delete(evidence).where(_is(user, dimension), evidence.c.source == one.source))
                await connection.execute(insert(evidence).values(_row(user, room, dimension, one)))
            return True

        return await self._database.write(work, room or user)

    async def set_by_hand(self, user: str, dimension: str, one: Evidence | None) -> None:
        """The value that the person says holds; None takes it back."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(evidence).where(_is(user, dimension), evidence.c.by_hand))
            if one is not None:
                await connection.execute(insert(evidence).values(_row(user, None, dimension, one)))

        await self._database.write(work, user)

    async def of(self, user: str, readers: Collection[str] | None = None) -> dict[str, tuple[Evidence, ...]]:
        """By dimension. With `readers`: only what all of them could have heard, said in a room that each of them is in, or set by
        hand; so that what is said in one audience shapes nothing before a larger one."""
        query = select(evidence).where(evidence.c.user_id == user)
        if readers:
            common = (
                select(members.c.room_id)
                .where(members.c.user_id.in_(sorted(readers)))
                .group_by(members.c.room_id)
                .having(func.count() == len(set(readers)))
            )
            query = query.where(or_(evidence.c.by_hand, evidence.c.room_id.in_(common)))
        async with self._database.read() as connection:
            newest = query.order_by(evidence.c.by_hand.desc(), evidence.c.number.desc()).limit(MOST)
            rows = (await connection.execute(newest)).all()
        found: dict[str, list[Evidence]] = {}
        for row in reversed(rows):
            found.setdefault(row.dimension, []).append(_evidence(row))
        return {dimension: tuple(own) for dimension, own in found.items()}

    async def forget(self, user: str, source: str | None = None) -> int:
        """All that is believed of a person, set by hand or not, or what one message told. Returns how many rows went."""
        condition: ColumnElement[bool] = evidence.c.user_id == user
        if source is not None:
            condition &= evidence.c.source == source

        async def work(connection: AsyncConnection) -> int:
            return (await connection.execute(delete(evidence).where(condition))).rowcount

        return await self._database.write(work, user)


async def disbelieve(connection: AsyncConnection, sources: Sequence[str]) -> None:
    """These messages are gone or say something else now: so is what they told."""
    await connection.execute(delete(evidence).where(evidence.c.source.in_(list(sources))))


async def _stand(connection: AsyncConnection, room: str, sources: Sequence[str]) -> bool:
    """Whether these messages of the room are there, until this transaction ends: who deletes one takes the same lock."""
    await lock(connection, room)
    there = select(func.count()).where(
        messages.c.id.in_(sources),
        messages.c.room_id == room,
        messages.c.deleted_at.is_(None),
        messages.c.id.not_in(select(forgotten.c.id)),
    )
    return (await connection.execute(there)).scalar_one() == len(set(sources))


def _is(user: str, dimension: str) -> ColumnElement[bool]:
    return (evidence.c.user_id == user) & (evidence.c.dimension == dimension)


def _row(user: str, room: str | None, dimension: str, one: Evidence) -> dict[str, object]:
    assert one.source, "no source, no fact"
    return {
        "user_id": user,
        "room_id": room,
        "dimension": dimension,
        "source": one.source,
        "likelihood": json.dumps([round(x, 6) for x in one.likelihood]),
        "by_hand": one.set_by_hand,
        "at": one.at,
    }


def _evidence(row: Row[Any]) -> Evidence:
    at: datetime = row.at
    return Evidence(row.source, tuple(json.loads(row.likelihood)), at, set_by_hand=row.by_hand, room=row.room_id)
