"""What people were asked, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import Database
from app.store.tables import questions

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
