"""Databases for tests: a SQLite file each, and PostgreSQL where one answers."""

import asyncio
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy.engine import make_url

from app.store.database import Database

POSTGRES = os.environ.get("ASIDE_TEST_POSTGRES", "postgresql+asyncpg://postgres@127.0.0.1:5432/test")


def migrate(url: str) -> None:
    async def go() -> None:
        database = Database(url)
        await database.migrate()
        await database.close()

    asyncio.run(go())


async def _command(statement: str) -> None:
    url = make_url(POSTGRES).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(url, timeout=3)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of this session's own, migrated and dropped again."""
    name = f"aside_test_{secrets.token_hex(4)}"
    try:
        asyncio.run(_command(f"CREATE DATABASE {name}"))
    except (OSError, asyncpg.PostgresError) as error:
        pytest.skip(f"no PostgreSQL at {POSTGRES} (ASIDE_TEST_POSTGRES): {error}")
    url = make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    migrate(url)
    yield url
    asyncio.run(_command(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path / 'data' / 'aside.db'}"
    migrate(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each backend in turn: what holds on one must hold on the other."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url
