"""Statements that every message needs, over SQLite: prepared once and given to the library itself.

SQLAlchemy takes ten times as long to hand a statement over as SQLite to run it, and at a thousand messages a second that was
two fifths of a core. What the statements say still comes from the tables.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Prepared:
    """`given`: values that the query has of its own; `made`: what makes of each column what its type says."""

    text: str
    given: Mapping[str, object]
    made: tuple[Callable[[Any], Any] | None, ...]


def _prepared(query: Select[Any]) -> _Prepared:
    compiled = query.compile(dialect=_DIALECT)
    kinds = [column.type.dialect_impl(_DIALECT) for column in query.selected_columns]
    given = {name: value for name, value in compiled.params.items() if value is not None}
    return _Prepared(str(compiled), given, tuple(kind.result_processor(_DIALECT, None) for kind in kinds))


class Glances:
    """What is read by its key so often that the road to it counts: one connection of the looker, held for as long as the database
    is open, and each query prepared once. It opens no transaction, so each sees what was committed last."""

    def __init__(self, connection: AsyncConnection, direct: Quick) -> None:
        self._connection = connection
        self._direct = direct
        self._known: dict[Select[Any], _Prepared] = {}

    def rows(self, query: Select[Any], values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """`query`: one of the few that a module keeps, as SQLAlchemy would answer it. Raises Unavailable."""
        if (known := self._known.get(query)) is None:
            known = self._known[query] = _prepared(query)
        found = self._direct.rows(known.text, {**known.given, **values})
        return [tuple(v if do is None else do(v) for do, v in zip(known.made, row, strict=True)) for row in found]

    async def close(self) -> None:
        await self._connection.close()


def quick(connection: AsyncConnection) -> Quick | None:
    """None over a server."""
    if connection.dialect.name != "sqlite":
        return None
    driver = connection.sync_connection.connection.driver_connection if connection.sync_connection else None
    assert isinstance(driver, aiosqlite.Connection)
    return Quick(driver._conn)
