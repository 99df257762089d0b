"""Rooms: a name, a log, and where the log ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.protocol import NewAgent
from app.store.agents import insert_agent
from app.store.database import Database
from app.store.forgetting import forget, trail
from app.store.tables import items, members, messages, rooms
from app.store.tokens import new_id


@dataclass(frozen=True, slots=True)
class RoomRow:
    """`head`: the seq of the last event of the log; 0 in a new room. `retention`: days that messages stay, 0 for ever."""

    id: str
    name: str
    head: int
    retention: int = 0


class Rooms:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, name: str, owner: str, agent: NewAgent | None, at: datetime) -> str:
        """The id of a room with its owner and first agent in it: nobody was there to see them join, so nothing is logged."""
        room = new_id()

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(rooms).values(id=room, name=name, head=0, at=at))
            await connection.execute(insert(members).values(room_id=room, user_id=owner, role="owner", at=at))
            if agent is not None:
                await insert_agent(connection, room, agent, at)

        await self._database.write(work, room)
        return room

    async def get(self, room: str) -> RoomRow | None:
        async with self._database.look() as connection:
            row = (await connection.execute(select(rooms).where(rooms.c.id == room))).first()
        return RoomRow(row.id, row.name, row.head, row.retention) if row else None

    async def of_user(self, user: str) -> tuple[RoomRow, ...]:
        """Oldest first."""
        query = (
            select(rooms)
            .join(members, members.c.room_id == rooms.c.id)
            .where(members.c.user_id == user)
            .order_by(rooms.c.at, rooms.c.id)
        )
        async with self._database.read() as connection:
            return tuple(RoomRow(row.id, row.name, row.head, row.retention) for row in await connection.execute(query))

    async def rename(self, room: str, name: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(update(rooms).where(rooms.c.id == room).values(name=name))

        await self._database.write(work, room)

    async def keep(self, room: str, retention: int) -> None:
        """Messages for so many days."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(update(rooms).where(rooms.c.id == room).values(retention=retention))

        await self._database.write(work, room)

    async def due(self, now: datetime, limit: int = 100) -> dict[str, tuple[str, ...]]:
        """Room → the oldest of its messages that it keeps no longer, at most `limit` each."""
        found = {}
        async with self._database.read() as connection:
            for row in (await connection.execute(select(rooms).where(rooms.c.retention > 0))).all():
                old = (messages.c.room_id == row.id) & (messages.c.at < now - timedelta(days=row.retention))
                query = select(messages.c.id).where(old, messages.c.deleted_at.is_(None)).order_by(messages.c.seq)
                if ids := (await connection.execute(query.limit(limit))).scalars().all():
                    found[row.id] = tuple(ids)
        return found

    async def delete(self, room: str) -> None:
        """With everything in it, and with what other rooms heard of what was kept here."""
        async with self._database.read() as connection:
            kept = set((await connection.execute(select(items.c.id).where(items.c.room_id == room))).scalars())
        traced = await trail(self._database, kept) if kept else None

        async def work(connection: AsyncConnection) -> None:
            if traced is not None:
                await forget(connection, traced)
            await connection.execute(delete(rooms).where(rooms.c.id == room))

        await self._database.write(work, room)
