"""Codes that let a stranger in. Whoever knows one may use it, more than once, while the room exists."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import Database
from app.store.tables import invites
from app.store.tokens import digest, new_secret
from conversation.member import Role


class Invites:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, room: str, role: Role, at: datetime) -> str:
        code = new_secret()

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(invites).values(code_hash=digest(code), room_id=room, role=role, at=at))

        await self._database.write(work, room)
        return code

    async def role(self, room: str, code: str) -> Role | None:
        """What the code makes of its bearer; None for a code that is not of this room."""
        query = select(invites.c.role).where(invites.c.room_id == room, invites.c.code_hash == digest(code))
        async with self._database.read() as connection:
            role: Role | None = (await connection.execute(query)).scalar_one_or_none()
        return role
