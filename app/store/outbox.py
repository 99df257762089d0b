"""What the agents of a room have still to think about: written with each message, taken away when they are done with it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import Database
from app.store.owners import hold
from app.store.tables import outbox, processes, reminders, rooms


@dataclass(frozen=True, slots=True)
class Pending:
    """The message at `seq`, said at `at`."""

    seq: int
    at: datetime


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def pending(self, room: str) -> tuple[Pending, ...]:
        """Oldest first."""
        query = select(outbox).where(outbox.c.room_id == room).order_by(outbox.c.seq)
        async with self._database.look() as connection:
            return tuple(Pending(row.seq, row.at) for row in await connection.execute(query))

    async def depth(self) -> int:
        """Messages of all rooms, of every process, that are still to be thought about. Raises Unavailable."""
        async with self._database.read() as connection:  # there may be many
            return (await connection.execute(select(func.count()).select_from(outbox))).scalar_one()

    async def done(self, room: str, upto: int, fence: int | None) -> None:
        """Raises Fenced: then whoever owns the room now sees to it."""

        async def work(connection: AsyncConnection) -> None:
            await hold(connection, room, fence)
            await connection.execute(delete(outbox).where(outbox.c.room_id == room, outbox.c.seq <= upto))

        await self._database.write(work, room)

    async def waiting(self) -> tuple[str, ...]:
        """Rooms with something to think about, now or by a promise later, that no living process owns."""
        living = select(processes.c.id)
        query = (
            select(rooms.c.id)
            .where(rooms.c.id.in_(select(outbox.c.room_id)) | rooms.c.id.in_(select(reminders.c.room_id)))
            .where(rooms.c.owner.is_(None) | rooms.c.owner.not_in(living))
        )
        async with self._database.look() as connection:
            return tuple((await connection.execute(query)).scalars())
