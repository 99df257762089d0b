"""The way from every earlier version, with rows in every table, on both databases."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, Table, insert, select
from sqlalchemy.engine import make_url

from app.store.database import Database
from app.store.upgrade import MIGRATIONS
from tests.app.conftest import POSTGRES, _command

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
MOVED = {("users", "token_hash"): ("tokens", "hash")}
"""What a later version keeps in another table."""
Rows = dict[str, list[dict[str, Any]]]


def revisions() -> list[str]:
    """Oldest first; all but the newest."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][:0:-1]


def value(column: Column[Any], n: int, sqlite: bool) -> Any:
    kind = column.type.python_type
    if column.foreign_keys:
        return f"id{n}"
    if kind is datetime:
        return AT.replace(tzinfo=None) if sqlite else AT
    if kind is str:
        # What is long is JSON everywhere, and what names a row is what the others point at.
        length = getattr(column.type, "length", None)
        return f"id{n}" if column.primary_key else ("{}" if length is None else f"{column.name}{n}"[:length])
    return kind(n)


def fill(connection: Connection) -> Rows:
    """Two rows in each table as it is now."""
    sqlite = connection.dialect.name == "sqlite"
    there = MetaData()
    there.reflect(connection)
    for table in there.sorted_tables:
        if table.name != "alembic_version":
            rows = [{c.name: value(c, n, sqlite) for c in table.columns} for n in (1, 2)]
            connection.execute(insert(table), rows)
    return read(connection, there)


def read(connection: Connection, tables: MetaData) -> Rows:
    def rows(table: Table) -> list[dict[str, Any]]:
        names = [c.name for c in table.columns]
        found = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
        return [dict(zip(names, row, strict=True)) for row in found]

    return {name: rows(table) for name, table in tables.tables.items() if name != "alembic_version"}


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/aside.db"
        return
    name = f"aside_migrated_{secrets.token_hex(4)}"
    try:
        asyncio.run(_command(f"CREATE DATABASE {name}"))
    except (OSError, asyncpg.PostgresError) as error:
        pytest.skip(f"no PostgreSQL at {POSTGRES} (ASIDE_TEST_POSTGRES): {error}")
    try:
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        asyncio.run(_command(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("revision", revisions())
def test_what_an_earlier_version_kept_is_still_there(revision: str, kind: str, tmp_path: Path) -> None:
    async def go(url: str) -> None:
        database = Database(url)
        await database.migrate(revision)
        async with database._writer.begin() as connection:
            before = await connection.run_sync(fill)
        assert all(len(rows) == 2 for rows in before.values())
        await database.migrate()
        await database.check()
        async with database._writer.connect() as connection:
            there = MetaData()
            await connection.run_sync(there.reflect)
            after = await connection.run_sync(read, there)
        for (name, column), (table, other) in MOVED.items():
            moved = [row.pop(column) for row in before.get(name, ()) if column in row and column not in after[name][0]]
            assert set(moved) <= {row[other] for row in after[table]}, f"{name}.{column}, from {revision}"
        for name, rows in before.items():
            kept = [{column: row[column] for column in rows[0]} for row in after[name]]
            assert kept == rows, f"{name}, from {revision}"
        await database.close()

    with fresh(kind, tmp_path) as url:
        asyncio.run(go(url))


def test_there_is_one_newest_version() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1
