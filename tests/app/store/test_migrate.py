"""Migrating from outside the service."""

import asyncio
from pathlib import Path

import pytest

from app.errors import Unavailable
from app.store.database import Database
from app.store.migrate import migrate


def test_migrate_makes_folder_and_tables_and_may_be_repeated(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/deep/aside.db"
    migrate(url)
    migrate(url)

    async def go() -> None:
        database = Database(url)
        await database.check()
        await database.close()

    asyncio.run(go())


def test_migrate_says_when_it_cannot() -> None:
    with pytest.raises(Unavailable, match="cannot be opened"):
        migrate("postgresql+asyncpg://nobody@127.0.0.1:9/none")
