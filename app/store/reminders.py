"""What agents promised to wake up for: when, and the message that asked for it. Its words stay where they were said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import Database
from app.store.owners import hold
from app.store.tables import reminders


@dataclass(frozen=True, slots=True)
class Promise:
    """`agent` wakes at `due` for what was asked in `message`, an id."""

    agent: str
    message: str
    due: datetime


class Reminders:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_room(self, room: str) -> tuple[Promise, ...]:
        """The next first."""
        query = select(reminders).where(reminders.c.room_id == room).order_by(reminders.c.due, reminders.c.message_id)
        async with self._database.read() as connection:
            return tuple(Promise(r.agent_id, r.message_id, r.due) for r in await connection.execute(query))

    async def put(self, room: str, promise: Promise, fence: int | None) -> None:
        """In the place of what the same message asked for before. Raises Fenced, and NotFound where the room is gone."""
        row = {"room_id": room, "agent_id": promise.agent, "message_id": promise.message, "due": promise.due}

        async def work(connection: AsyncConnection) -> None:
            await hold(connection, room, fence)
            await _remove(connection, room, promise)
            await connection.execute(insert(reminders).values(row))

        await self._database.write(work, room)

    async def remove(self, room: str, promise: Promise, fence: int | None) -> None:
        """Raises Fenced, and NotFound where the room is gone."""

        async def work(connection: AsyncConnection) -> None:
            await hold(connection, room, fence)
            await _remove(connection, room, promise)

        await self._database.write(work, room)


async def _remove(connection: AsyncConnection, room: str, promise: Promise) -> None:
    same = (reminders.c.agent_id == promise.agent) & (reminders.c.message_id == promise.message)
    await connection.execute(delete(reminders).where(reminders.c.room_id == room, same))
