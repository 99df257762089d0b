"""What people were asked, and what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import Database
from app.store.labels import THUMBS
from app.store.tables import consents, members, messages, questions, reactions

Outcome = Literal["answered", "declined", "ignored"]


@dataclass(frozen=True, slots=True)
class Asked:
    """`dimension` and `seq` of the message that asked, in `room`; or, outside of rooms, `body` alone: a pair of replies as
    JSON and,
    once answered, which was chosen. `outcome`: None while it is open."""

    id: str
    user: str
    at: datetime
    body: str
    room: str | None = None
    seq: int | None = None
    dimension: str | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Thumb:
    """What somebody thought of `text`, a message of an agent's."""

    text: str
    up: bool


PEOPLE = 2_000
"""Answers that make up everybody's taste: the newest."""
MOST_THUMBS = 40
"""Of one person: the newest."""


class Questions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, asked: Asked) -> None:
        row = {
            "id": asked.id,
            "user_id": asked.user,
            "room_id": asked.room,
            "seq": asked.seq,
            "dimension": asked.dimension,
            "body": asked.body,
            "outcome": asked.outcome,
            "at": asked.at,
        }

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(questions).values(row))

        await self._database.write(work, asked.user)

    async def settle(self, question: str, outcome: Outcome, body: str | None = None) -> bool:
        """False where it was settled before."""
        values = {"outcome": outcome} if body is None else {"outcome": outcome, "body": body}

        async def work(connection: AsyncConnection) -> bool:
            still = (questions.c.id == question) & questions.c.outcome.is_(None)
            return (await connection.execute(update(questions).where(still).values(values))).rowcount > 0

        return await self._database.write(work, question)

    async def of(self, user: str) -> tuple[Asked, ...]:
        """All, oldest first."""
        query = select(questions).where(questions.c.user_id == user).order_by(questions.c.number)
        async with self._database.read() as connection:
            return tuple(_asked(row) for row in (await connection.execute(query)).all())

    async def thumbs(self, user: str, readers: Collection[str] | None = None) -> tuple[Thumb, ...]:
        """👍 and 👎 that stand on messages of agents, oldest first. With `readers`: only in rooms that each of them is in."""
        query = (
            select(messages.c.text, reactions.c.emoji)
            .join(messages, messages.c.id == reactions.c.message_id)
            .where(reactions.c.user_id == user, messages.c.author_kind == "agent", messages.c.deleted_at.is_(None))
            .where(or_(*(reactions.c.emoji.startswith(thumb) for thumb in THUMBS)))
        )
        if readers:
            common = (
                select(members.c.room_id)
                .where(members.c.user_id.in_(sorted(readers)))
                .group_by(members.c.room_id)
                .having(func.count() == len(set(readers)))
            )
            query = query.where(messages.c.room_id.in_(common))
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(reactions.c.number.desc()).limit(MOST_THUMBS))).all()
        return tuple(Thumb(row.text, row.emoji.startswith("👍")) for row in reversed(rows))

    async def everybody(self) -> dict[str, list[Asked]]:
        """The newest answers to pairs, by person, of those who let something be inferred from them."""
        refusing = select(consents.c.user_id).where(~consents.c.infer | ~consents.c.observe)
        query = (
            select(questions)
            .where(questions.c.dimension.is_(None), questions.c.outcome == "answered")
            .where(questions.c.user_id.not_in(refusing))
            .order_by(questions.c.number.desc())
            .limit(PEOPLE)
        )
        found: dict[str, list[Asked]] = {}
        async with self._database.read() as connection:
            for row in (await connection.execute(query)).all():
                found.setdefault(row.user_id, []).append(_asked(row))
        return found

    async def last_seq(self, room: str) -> int:
        """Of the last question of the agents' own making in a room; 0 where there was none."""
        query = (
            select(questions.c.seq)
            .where(questions.c.room_id == room, questions.c.seq.is_not(None))
            .order_by(questions.c.seq.desc())
            .limit(1)
        )
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar_one_or_none() or 0

    async def forget(self, user: str) -> None:
        """What was asked and answered, a refusal too."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(questions).where(questions.c.user_id == user))

        await self._database.write(work, user)


def declined(found: Sequence[Asked]) -> bool:
    return any(one.outcome == "declined" for one in found)


def _asked(row: Row[Any]) -> Asked:
    return Asked(row.id, row.user_id, row.at, row.body, row.room_id, row.seq, row.dimension, row.outcome)
