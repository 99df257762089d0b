"""Bringing a database to this version's tables, from outside the service."""

import asyncio

from app.store.database import Database


def migrate(url: str) -> None:
    """Raises Unavailable where the database cannot be opened."""
    asyncio.run(_migrate(url))


async def _migrate(url: str) -> None:
    database = Database(url)
    try:
        await database.migrate()
    finally:
        await database.close()
