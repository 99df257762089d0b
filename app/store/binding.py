"""SQLite as SQLAlchemy's `aiosqlite` dialect sees it, with the library that pysqlite3 brings.

Python's own library is 3.40 here, inside the range of the WAL-reset corruption that 3.51.3 fixed; pysqlite3 brings 3.53.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import aiosqlite
import pysqlite3.dbapi2 as pysqlite3
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi

from app.errors import Unavailable

WHOLE = (3, 51, 3)
"""The version of SQLite that fixed the WAL-reset corruption, which 3.7.0 brought."""
BEGIN = "BEGIN IMMEDIATE"
"""How the writer begins: with the lock that it needs."""
_SHORT = ("SELECT ", "INSERT ", "UPDATE ", "SAVEPOINT ", "RELEASE ")
_ERRORS = (
    "DatabaseError",
    "Error",
    "IntegrityError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "sqlite_version",
    "sqlite_version_info",
)


class Writer(aiosqlite.Connection):
    """The connection of the committer. What waits for the disk or a lock (COMMIT, DELETE with its cascades, and all
    that is rare) runs in aiosqlite's thread; a statement that touches a few pages of memory runs where it stands. To hand it
    over costs two switches of threads, each of which waits its turn when the model has every core: twenty of those made an
    acknowledgement late (`python -m bench acks`), where two do not. BEGIN is handed over where another process just writes.
    """

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._running and self._connection:
            if _short(fn, args):
                return fn(*args, **kwargs)
            if args[:1] == (BEGIN,) and (begun := self._at_once(fn, args)) is not None:
                return begun
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def _at_once(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """None where it would have to wait."""
        [(patience,)] = self._conn.execute("PRAGMA busy_timeout")
        self._conn.execute("PRAGMA busy_timeout=0")
        try:
            return fn(*args)
        except pysqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != pysqlite3.SQLITE_BUSY:
                raise
            return None
        finally:
            self._conn.execute(f"PRAGMA busy_timeout={patience}")


class Looker(aiosqlite.Connection):
    """Reads a few rows at a time: in WAL mode it waits for nobody, so all but opening and closing it is done on the loop."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not (self._running and self._connection) or (fn.__name__ in ("close", "interrupt") and not _of_cursor(fn)):
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return fn(*args, **kwargs)


def _short(fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    match fn.__name__:
        case "execute" | "executemany":
            return str(args[0]).startswith(_SHORT)
        case "cursor" | "fetchall" | "fetchone" | "fetchmany":
            return True
        case "close":
            return _of_cursor(fn)
        case _:
            return False


def _of_cursor(fn: Callable[..., Any]) -> bool:
    return isinstance(getattr(fn, "__self__", None), pysqlite3.Cursor)


class Opened:
    """Every connection of one database whose thread may still run, whoever has it: also one whose opening or closing was cut
    short by a cancellation, which its pool has lost sight of. `close` leaves none of them open, and no thread."""

    def __init__(self) -> None:
        self._connections: set[aiosqlite.Connection] = set()

    def add(self, connection: aiosqlite.Connection) -> None:
        self._connections = {one for one in self._connections if _alive(one._thread)} | {connection}

    async def close(self) -> None:
        while self._connections:
            connection = self._connections.pop()
            if connection._connection is not None and connection._running:
                await connection.close()
            # One that was told to stop does so by itself, and tells the loop, which must be there to hear it.
            if connection._thread.ident is not None:
                await asyncio.to_thread(connection._thread.join)


def _alive(thread: threading.Thread) -> bool:
    return thread.ident is None or thread.is_alive()


def binding(
    connection: type[aiosqlite.Connection], opened: Opened, pragmas: Sequence[str] = ()
) -> AsyncAdapt_aiosqlite_dbapi:
    """What the dialect takes as its `module`. Raises Unavailable where the library has the WAL-reset corruption."""
    if pysqlite3.sqlite_version_info < WHOLE:
        raise Unavailable(
            f"SQLite {pysqlite3.sqlite_version} can corrupt its log; {'.'.join(map(str, WHOLE))} or newer is needed: "
            "install the pysqlite3 that pyproject.toml pins"
        )
    module = ModuleType("aiosqlite_over_pysqlite3")
    for name in _ERRORS:
        setattr(module, name, getattr(pysqlite3, name))

    def opening(*args: Any, **options: Any) -> pysqlite3.Connection:
        # The thread is another one than the loop's, and only one of them is at work at a time. SQLAlchemy's `begin` opens
        # transactions: the binding's own way breaks savepoints.
        made = pysqlite3.connect(*args, **{**options, "check_same_thread": False}, isolation_level=None)
        for pragma in pragmas:
            made.execute(f"PRAGMA {pragma}").close()
        return made

    def connect(*args: Any, **options: Any) -> aiosqlite.Connection:
        made = connection(lambda: opening(*args, **options), 64)
        opened.add(made)
        return made

    vars(module).update(Connection=connection, connect=connect, __version__=aiosqlite.__version__)
    return AsyncAdapt_aiosqlite_dbapi(module, pysqlite3)
