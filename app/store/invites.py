"""Codes that let a stranger in. Whoever knows one may use it, more than once, until it ends or is withdrawn."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.keys import InviteView
from app.store.database import Database
from app.store.tables import invites
from app.store.tokens import digest, new_secret
from conversation.member import Role

LASTS = timedelta(days=7)


class Invites:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, room: str, role: Role, at: datetime, lasts: timedelta = LASTS) -> InviteView:
        view = InviteView(invite=new_secret(), room=room, role=role, expires_at=at + lasts)
        row = {"code_hash": digest(view.invite), "room_id": room, "role": role, "at": at, "expires_at": view.expires_at}

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(invites).where(invites.c.room_id == room, invites.c.expires_at <= at))
            await connection.execute(insert(invites).values(row))

        await self._database.write(work, room)
        return view

    async def role(self, room: str, code: str, now: datetime) -> Role | None:
        """What the code makes of its bearer; None for a code that is not of this room, or not any more."""
        query = select(invites.c.role).where(
            invites.c.room_id == room, invites.c.code_hash == digest(code), invites.c.expires_at > now
        )
        async with self._database.read() as connection:
            role: Role | None = (await connection.execute(query)).scalar_one_or_none()
        return role

    async def withdraw(self, room: str) -> None:
        """Every code of the room."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(invites).where(invites.c.room_id == room))

        await self._database.write(work, room)
