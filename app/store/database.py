"""One database: how it is opened, read, written and brought to its newest shape."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import Connection, Select, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from app.errors import Unavailable
from app.store.binding import BEGIN, Looker, Opened, Writer, binding
from app.store.committer import Committer, Item, T, Together, Work, away
from app.store.lockfile import HeldError, LockFile
from app.store.quick import Glances, quick
from app.store.upgrade import check, is_current, upgrade

log = logging.getLogger(__name__)

PRAGMAS: tuple[str, ...] = (
    "busy_timeout=10000",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "wal_autocheckpoint=4000",
)
"""Of every connection to SQLite. FULL: the log is flushed at each commit; with NORMAL a power cut takes what was acknowledged
since the last checkpoint (`python -m bench power`). What is deleted is overwritten: forgotten is gone from the file too.
4,000 pages, 16 MB: whoever writes when the log is full waits for two more flushes, and at a thousand messages a second it was
full several times in each."""
READING = "cache_size=-512"
"""KiB of pages that each of the eight connections that only read keeps for itself, a quarter of SQLite's default: the kernel has
them all once more, and eight times two megabytes fill as the database grows."""
_MIGRATION_LOCK = 0x61736964
"""Any constant will do for `pg_advisory_xact_lock`, as long as every process takes the same."""

SETTLES = 100
"""Times that `settle` tries, in ten seconds."""
GIVEN_BACK_WITHIN = 2.0
"""Seconds that `close` waits for connections that somebody still has."""


class Database:
    """`write` goes through the committer, `read` gives a connection of its own. Raises Unavailable where the database fails."""

    def __init__(self, url: str) -> None:
        self.sqlite = make_url(url).get_backend_name() == "sqlite"
        self._opened = Opened()
        if self.sqlite:
            self._writer = _sqlite_engine(url, Writer, BEGIN, 1, self._opened)
            self._reader = _sqlite_engine(url, aiosqlite.Connection, "BEGIN", 4, self._opened, READING)
            self._looker = _sqlite_engine(url, Looker, "BEGIN", 4, self._opened, READING)
        else:
            self._writer = self._reader = self._looker = _server_engine(url)
        self.committer = Committer(self._writer)
        self._file = _file(url) if self.sqlite else None
        self._lock: LockFile | None = None
        self._damaged = False
        self._glances: Glances | None = None
        self._glancing = asyncio.Lock()

    async def take(self) -> None:
        """Before anything else of a service that is alone with an SQLite file: no other process serves it from here on, and if
        the last one did not stop in order the file is looked at. Raises Unavailable, and then nothing was written."""
        if self._file is None:
            return
        try:
            self._lock = LockFile(self._file)
        except (HeldError, OSError) as error:
            raise Unavailable(f"the database cannot be opened: {error}") from error
        if self._lock.unclean and (problem := await self._problem()) is not None:
            self._damaged = True
            raise Unavailable(f"{self._file} is damaged; put a backup in its place: {problem}")

    async def _problem(self) -> str | None:
        try:
            async with self.read() as connection:
                found = (await connection.execute(text("PRAGMA quick_check(3)"))).scalars().all()
        except DatabaseError as error:
            return str(error.orig)
        if found != ["ok"]:
            return "; ".join(found)
        log.warning("the service did not stop in order; %s was checked and is whole", self._file)
        return None

    async def write(self, work: Work[T], key: str = "") -> T:
        return await self.committer.write(work, key)

    async def write_together(self, work: Together[Item, T], item: Item, key: str) -> T:
        return await self.committer.write_together(work, item, key)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with _connected(self._reader) as connection:
            yield connection

    @asynccontextmanager
    async def look(self) -> AsyncIterator[AsyncConnection]:
        """Like `read`, for what is found by its key in a few rows: over SQLite that takes less time than handing it to a thread
        and back, so it is done where it stands."""
        async with _connected(self._looker) as connection:
            yield connection

    async def glance(self, query: Select[Any], values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """The rows of `query`, for one that everybody who comes back asks: over SQLite past SQLAlchemy, whose road to a
        connection takes several times as long as the answer."""
        if not self.sqlite:
            async with self.look() as connection:
                return [tuple(row) for row in await connection.execute(query, values)]
        if self._glances is None:
            async with self._glancing:
                if self._glances is None:
                    self._glances = await self._open_glances()
        return self._glances.rows(query, values)

    async def _open_glances(self) -> Glances:
        try:
            connection = await self._looker.connect()
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            raise Unavailable(f"the database did not answer: {type(error).__name__}") from error
        direct = quick(connection)
        assert direct is not None
        return Glances(connection, direct)

    async def probe(self) -> None:
        """Takes the write path and changes nothing. Raises Unavailable."""
        await self.write(_probe)

    async def migrate(self, revision: str = "head") -> None:
        """Raises Unavailable where there is no database to be reached."""
        try:
            if revision == "head" and await self._is_current():
                return
            async with self._writer.connect() as connection, self._unhindered(connection), connection.begin():
                if not self.sqlite:
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
                await connection.run_sync(upgrade, revision)
                if self.sqlite:
                    broken = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
                    assert not broken, f"a migration left rows without what they belong to: {broken[:3]!r}"
        except (DBAPIError, OSError) as error:
            if isinstance(error, DBAPIError) and not away(error):
                raise
            raise Unavailable(f"the database cannot be opened: {error}") from error

    async def _is_current(self) -> bool:
        async with self._reader.connect() as connection:
            return await connection.run_sync(is_current)

    @asynccontextmanager
    async def _unhindered(self, connection: AsyncConnection) -> AsyncIterator[None]:
        """SQLite changes a table by making it anew, and would take the drop of the old one for the deletion of its rows, and of
        all that refers to them."""
        if not self.sqlite:
            yield
            return
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.execute("PRAGMA foreign_keys=OFF")  # only outside of a transaction
        try:
            yield
        finally:
            await raw.execute("PRAGMA foreign_keys=ON")

    async def check(self) -> None:
        """Raises alembic's AutogenerateDiffsDetected where the tables differ from the migrations."""
        async with self._writer.connect() as connection:
            await connection.run_sync(check)

    async def settle(self) -> None:
        """Writes the log of an SQLite database back and cuts it to nothing, so that no page in it still shows what was erased. A
        reader may be in the way, and is waited for without the writer; one that takes too long leaves it to the next time."""
        for _ in range(SETTLES if self.sqlite else 0):
            if await self._settled():
                return
            await asyncio.sleep(0.1)

    async def _settled(self) -> bool:
        async with self._writer.connect() as connection:
            raw = await connection.get_raw_connection()
            assert isinstance(raw.driver_connection, aiosqlite.Connection)
            # Not through SQLAlchemy, which would open a transaction first.
            execute = raw.driver_connection.execute_fetchall
            ((patience,),) = await execute("PRAGMA busy_timeout")
            await execute("PRAGMA busy_timeout=0")
            try:
                ((busy, _, _),) = await execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                await execute(f"PRAGMA busy_timeout={patience}")
        return not busy

    async def close(self) -> None:
        """To its end, also where it is cancelled: a connection that is left open is closed by nobody."""
        closing = asyncio.ensure_future(self._close())
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await closing
            raise

    async def _close(self) -> None:
        glances, self._glances = self._glances, None
        if glances is not None:
            await glances.close()
        engines = {self._writer, self._reader, self._looker}
        # Who was cancelled in the middle of a query gives its connection back a moment later, and a pool that is gone by then
        # does not close it.
        until = asyncio.get_running_loop().time() + GIVEN_BACK_WITHIN
        while any(_lent(engine) for engine in engines) and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        for engine in engines:
            await engine.dispose()
        await self._opened.close()
        if self._lock is not None:
            self._lock.release(clean=not self._damaged)
            self._lock = None


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    try:
        async with engine.connect() as connection:
            yield connection
    except (DBAPIError, PoolTimeoutError, OSError) as error:
        if isinstance(error, DBAPIError) and not away(error):
            raise
        raise Unavailable(f"the database did not answer: {type(error).__name__}") from error


async def _probe(connection: AsyncConnection) -> None:
    await connection.execute(text("UPDATE rooms SET head = head WHERE id = ''"))


def _lent(engine: AsyncEngine) -> int:
    return engine.pool.checkedout() if isinstance(engine.pool, QueuePool) else 0


def _server_engine(url: str) -> AsyncEngine:
    """`hide_parameters`, here and below: what people say is in no error, and so in no log."""
    return create_async_engine(url, pool_size=8, pool_pre_ping=True, hide_parameters=True)


def _file(url: str) -> Path | None:
    path = make_url(url).database
    return Path(path) if path and not path.startswith("file:") and path != ":memory:" else None


def _sqlite_engine(
    url: str, kind: type[aiosqlite.Connection], begin: str, connections: int, opened: Opened, *pragmas: str
) -> AsyncEngine:
    if (file := _file(url)) is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        module=binding(kind, opened, (*PRAGMAS, *pragmas)),
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "begin")
    def open_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
