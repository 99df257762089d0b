"""People and their tokens."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.protocol import UserView
from app.store.database import Database
from app.store.tables import users
from app.store.tokens import digest, new_id, new_secret

# Built once: everybody who comes back asks for it.
_BY_TOKEN = select(users.c.id, users.c.name).where(users.c.token_hash == bindparam("hash"))


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str


class Users:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, at: datetime) -> UserView:
        """The only moment at which the token can be seen."""
        view = UserView(id=new_id(), name=name, token=new_secret())

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(users).values(id=view.id, name=name, token_hash=digest(view.token), at=at))

        await self._database.write(work)
        return view

    async def by_token(self, token: str) -> User | None:
        async with self._database.look() as connection:
            row = (await connection.execute(_BY_TOKEN, {"hash": digest(token)})).first()
        return User(row.id, row.name) if row else None

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
