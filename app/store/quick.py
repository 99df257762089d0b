"""Statements that every message needs, over SQLite: prepared once and given to the library itself.

SQLAlchemy takes ten times as long to hand a statement over as SQLite to run it, and at a thousand messages a second that was
two fifths of a core. What the statements say still comes from the tables.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import aiosqlite
import pysqlite3.dbapi2 as pysqlite3
from sqlalchemy import CompoundSelect, Insert, Select, Update
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Unavailable

_DIALECT = sqlite.dialect(paramstyle="named")


def text_of(
    statement: Select[Any] | CompoundSelect[Any] | Update | Insert, columns: Sequence[str] | None = None
) -> str:
    """Its SQL, with `:name` for each value. `columns`: those that an insert gives values to."""
    return str(statement.compile(dialect=_DIALECT, column_keys=columns))


def stored(at: datetime) -> str:
    """A time as the column type `Utc` writes it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


class Quick:
    """The connection under an open transaction. Nothing here waits for a disk or a lock. Raises Unavailable where the database
    fails, and the library's own IntegrityError."""

    def __init__(self, connection: pysqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        try:
            return list(self._connection.execute(statement, values))
        except pysqlite3.OperationalError as error:
            raise Unavailable(f"the database did not answer: {error}") from error

    def many(self, statement: str, values: Sequence[Mapping[str, object]]) -> None:
        try:
            self._connection.executemany(statement, values)
        except pysqlite3.OperationalError as error:
            raise Unavailable(f"the database did not answer: {error}") from error


def quick(connection: AsyncConnection) -> Quick | None:
    """None over a server."""
    if connection.dialect.name != "sqlite":
        return None
    driver = connection.sync_connection.connection.driver_connection if connection.sync_connection else None
    assert isinstance(driver, aiosqlite.Connection)
    return Quick(driver._conn)
