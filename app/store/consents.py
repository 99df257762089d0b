"""What people let agents do with what they say."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import Database
from app.store.tables import consents
from memory.consent import Consent


class Consents:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, user: str) -> Consent:
        async with self._database.read() as connection:
            return (await consents_of(connection, [user])).get(user, Consent())

    async def put(self, user: str, consent: Consent, at: datetime) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(consents).where(consents.c.user_id == user))
            row = {"observe": consent.observe, "remember": consent.remember, "infer": consent.infer}
            await connection.execute(insert(consents).values(user_id=user, at=at, **row))

        await self._database.write(work, user)

    async def unobserved(self, users: Collection[str]) -> frozenset[str]:
        """Those of `users` whose messages agents do not read."""
        async with self._database.read() as connection:
            found = await consents_of(connection, users)
        return frozenset(user for user, consent in found.items() if not consent.observe)


async def consents_of(connection: AsyncConnection, users: Collection[str]) -> dict[str, Consent]:
    """Of those who ever changed theirs."""
    query = select(consents).where(consents.c.user_id.in_(sorted(users)))
    return {row.user_id: Consent(row.observe, row.remember, row.infer) for row in await connection.execute(query)}
