"""SQLite behind SQLAlchemy, and which statements of the writer wait in a thread."""

import asyncio
import threading
from pathlib import Path

import aiosqlite
import pysqlite3.dbapi2 as pysqlite3
import pytest

from app.errors import Unavailable
from app.store.binding import Opened, Writer, binding


def test_errors_and_versions_are_those_of_the_library_that_is_used() -> None:
    module = binding(aiosqlite.Connection, Opened())
    assert module.IntegrityError is pysqlite3.IntegrityError
    assert module.sqlite_version_info >= (3, 51, 3)


@pytest.mark.parametrize(
    ("statement", "threaded"),
    [
        ("SELECT where_am_i()", False),
        ("INSERT INTO t VALUES (where_am_i())", False),
        ("UPDATE t SET a = where_am_i()", False),
        ("DELETE FROM t WHERE a = where_am_i()", True),
        ("BEGIN IMMEDIATE", False),
    ],
)
def test_only_what_is_short_runs_on_the_loop(tmp_path: Path, statement: str, threaded: bool) -> None:
    async def go() -> None:
        connection = Writer(lambda: pysqlite3.connect(tmp_path / "a.db", check_same_thread=False), 64)
        await connection
        threads: list[int] = []

        def where() -> int:
            threads.append(threading.get_ident())
            return 1

        await connection.create_function("where_am_i", 0, where)
        connection._conn.set_trace_callback(lambda sql: threads.append(threading.get_ident()))
        await connection.execute("CREATE TABLE t (a)")
        assert threading.get_ident() not in threads
        threads.clear()
        cursor = await connection.cursor()
        await cursor.execute(statement)
        await cursor.fetchall()
        await cursor.close()
        assert threads
        assert (threading.get_ident() not in threads) == threaded
        threads.clear()
        await connection.commit()
        assert threading.get_ident() not in threads
        await connection.close()
        with pytest.raises(ValueError, match=r"[Cc]losed|no active"):
            await connection.execute("SELECT 1")

    asyncio.run(go())


def test_a_library_with_the_corruption_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pysqlite3, "sqlite_version_info", (3, 51, 2))
    monkeypatch.setattr(pysqlite3, "sqlite_version", "3.51.2")
    with pytest.raises(Unavailable, match=r"3\.51\.2.*3\.51\.3 or newer"):
        binding(aiosqlite.Connection, Opened())


def test_a_transaction_that_has_to_wait_for_another_process_waits_in_a_thread(tmp_path: Path) -> None:
    async def go() -> None:
        other = pysqlite3.connect(tmp_path / "a.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        connection = Writer(lambda: pysqlite3.connect(tmp_path / "a.db", check_same_thread=False, timeout=10), 64)
        await connection
        beginning = asyncio.ensure_future(connection.execute("BEGIN IMMEDIATE"))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not beginning.done(), "and the loop goes on"
        other.execute("COMMIT")
        await beginning
        [(patience,)] = await connection.execute_fetchall("PRAGMA busy_timeout")
        assert patience == 10_000
        await connection.close()
        other.close()

    asyncio.run(go())
