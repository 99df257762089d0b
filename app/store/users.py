"""People."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.keys import UserView
from app.store.credentials import LASTS, User, insert_token
from app.store.database import Database
from app.store.tables import users
from app.store.tokens import new_id


class Users:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, at: datetime, lasts: timedelta = LASTS) -> UserView:
        """With their first token, which each use renews for `lasts`. This is the only moment at which it can be seen."""
        user = new_id()

        async def work(connection: AsyncConnection) -> UserView:
            await connection.execute(insert(users).values(id=user, name=name, at=at))
            issued = await insert_token(connection, user, "", at, lasts, renews=True)
            return UserView(id=user, name=name, token=issued.token, expires_at=issued.expires_at)

        return await self._database.write(work)

    async def names(self, ids: Collection[str]) -> dict[str, str]:
        """Of those who are there, by id."""
        known = sorted(ids)
        found: dict[str, str] = {}
        async with self._database.read() as connection:
            for start in range(0, len(known), 500):
                some = users.c.id.in_(known[start : start + 500])
                rows = await connection.execute(select(users.c.id, users.c.name).where(some))
                found.update({row.id: row.name for row in rows})
        return found

    async def get(self, user_id: str) -> User | None:
        async with self._database.look() as connection:
            row = (await connection.execute(select(users.c.id, users.c.name).where(users.c.id == user_id))).first()
        return User(row.id, row.name) if row else None
