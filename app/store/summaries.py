"""What people wrote of themselves for agents to keep in mind. What is put together from items is made anew each time and
never stored."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import Database
from app.store.items import audience_id, write_audiences
from app.store.tables import audiences, summaries
from personalization.summary import Edit

EVERYBODY = "*"
"""In the place of an audience."""


class Summaries:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, user: str) -> tuple[Edit, ...]:
        """Newest first."""
        query = select(summaries).where(summaries.c.user_id == user).order_by(summaries.c.at.desc())
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
            there: dict[str, set[str]] = {}
            for row in await connection.execute(
                select(audiences).where(audiences.c.id.in_(sorted({r.audience_id for r in rows})))
            ):
                there.setdefault(row.id, set()).add(row.user_id)
        return tuple(
            Edit(r.text, r.at, None if r.audience_id == EVERYBODY else frozenset(there[r.audience_id])) for r in rows
        )

    async def put(self, user: str, text: str, audience: frozenset[str] | None, at: datetime) -> None:
        """In the place of what they wrote for these people before; `audience` None: everybody."""

        async def work(connection: AsyncConnection) -> None:
            if audience is not None:
                await write_audiences(connection, [audience])
            name = _name(audience)
            await _remove(connection, user, name)
            await connection.execute(insert(summaries).values(user_id=user, audience_id=name, text=text, at=at))

        await self._database.write(work, user)

    async def remove(self, user: str, audience: frozenset[str] | None) -> None:
        """From then on it is put together from items again."""

        async def work(connection: AsyncConnection) -> None:
            await _remove(connection, user, _name(audience))

        await self._database.write(work, user)

    async def forget(self, user: str, meant: Callable[[str], bool]) -> int:
        """Erases those whose text is `meant`; how many."""

        async def work(connection: AsyncConnection) -> int:
            rows = (await connection.execute(select(summaries).where(summaries.c.user_id == user))).all()
            gone = [row.audience_id for row in rows if meant(row.text)]
            for name in gone:
                await _remove(connection, user, name)
            return len(gone)

        return await self._database.write(work, user)


def _name(audience: frozenset[str] | None) -> str:
    return EVERYBODY if audience is None else audience_id(audience)


async def _remove(connection: AsyncConnection, user: str, audience: str) -> None:
    mine = (summaries.c.user_id == user) & (summaries.c.audience_id == audience)
    await connection.execute(delete(summaries).where(mine))
