"""Chats from files in rooms of their own. Ids come from the chat, so that the same chat again finds what it left."""

import hashlib
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.protocol import NewAgent
from app.store.agents import insert_agent
from app.store.database import Database
from app.store.tables import messages, rooms, runs, users
from conversation.member import Member

PREFIX = "replay-"
"""Of the client ids of replayed messages; their authors' ids begin with `replayed-`."""


class Replays:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, key: str, name: str, agent: NewAgent, at: datetime) -> str:
        """The id of the room of the chat `key`; made with its agent, and nobody else, where it is not there yet."""
        room = f"replay-{_hash(key)}"

        async def work(connection: AsyncConnection) -> None:
            if (await connection.execute(select(rooms.c.id).where(rooms.c.id == room))).first() is not None:
                return
            await connection.execute(insert(rooms).values(id=room, name=name, head=0, at=at))
            await insert_agent(connection, room, agent, at)

        await self._database.write(work, room)
        return room

    async def author(self, room: str, name: str, at: datetime) -> Member:
        """Whoever wrote under `name`, as a user of this room's own whom nobody can be: no token fits."""
        member = Member(f"replayed-{_hash(room, name)}", name, "member")

        async def work(connection: AsyncConnection) -> None:
            if (await connection.execute(select(users.c.id).where(users.c.id == member.id))).first() is None:
                await connection.execute(insert(users).values(id=member.id, name=name, at=at))

        await self._database.write(work)
        return member

    async def posted(self, room: str) -> int:
        """How many messages were replayed into the room."""
        query = select(func.count()).where(messages.c.room_id == room, messages.c.client_id.startswith(PREFIX))
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def message(self, room: str, line: str) -> str | None:
        """The id of the message that the chat calls `line`."""
        query = select(messages.c.id).where(messages.c.room_id == room, messages.c.client_id == f"{PREFIX}{line}")
        async with self._database.read() as connection:
            found: str | None = (await connection.execute(query)).scalars().first()
        return found

    async def acts(self, room: str) -> dict[str, int]:
        """How many runs of the room decided for each act."""
        query = select(runs.c.act, func.count()).where(runs.c.room_id == room).group_by(runs.c.act)
        async with self._database.read() as connection:
            return {act: int(count) for act, count in await connection.execute(query)}


def _hash(*what: str) -> str:
    return hashlib.blake2b("\0".join(what).encode(), digest_size=8).hexdigest()
