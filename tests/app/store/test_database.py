"""Opening, migrating and failing."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Unavailable
from app.store.database import Database
from app.store.tables import metadata, users
from tests.app.store.opened import NOW, opened


def threads() -> list[str]:
    """Of connections to SQLite. One that outlives its loop has nobody to answer to, and one that is open is never closed."""
    return [thread.name for thread in threading.enumerate() if "_connection_worker_thread" in thread.name]


def test_the_migrations_make_exactly_the_tables(database_url: str) -> None:
    async def go() -> None:
        database = Database(database_url)
        await database.migrate()  # again: nothing to do
        await database.check()
        await database.close()

    asyncio.run(go())


def test_migrations_go_back_and_forth(tmp_path: Path) -> None:
    async def go() -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/new/folder/aside.db")
        await database.migrate("0001")
        await database.migrate()
        async with database.read() as connection:
            names = (await connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))).scalars()
            assert set(metadata.tables) < set(names)
        await database.close()

    asyncio.run(go())


def test_sqlite_is_past_the_corruption_and_set_to_keep_what_it_says(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store, store.database.read() as connection:

            async def value(query: str) -> object:
                return (await connection.execute(text(query))).scalar_one()

            version = str(await value("SELECT sqlite_version()"))
            assert tuple(map(int, version.split("."))) >= (3, 51, 3)
            assert await value("PRAGMA journal_mode") == "wal"
            assert await value("PRAGMA synchronous") == 2
            assert await value("PRAGMA foreign_keys") == 1
            assert int(str(await value("PRAGMA busy_timeout"))) >= 5000

    asyncio.run(go())


def test_errors_of_the_binding_arrive_as_sqlalchemys(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room = "INSERT INTO rooms (id, name, head, at) VALUES ('r', 'r', 0, '2026-01-05 09:30:00')"
            await store.database.write(lambda connection: connection.execute(text(room)))
            with pytest.raises(IntegrityError):
                await store.database.write(lambda connection: connection.execute(text(room)))

    asyncio.run(go())


def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "aside.db").mkdir()

    async def go() -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/aside.db")
        with pytest.raises(Unavailable):
            await database.migrate()
        with pytest.raises(Unavailable):
            async with database.read():
                pass
        await database.close()
        assert not threads()

    asyncio.run(go())


@pytest.mark.parametrize("how", ["read", "look"])
@pytest.mark.parametrize("warm", [True, False])
def test_who_is_cancelled_on_the_way_leaves_no_connection_behind(sqlite_url: str, how: str, warm: bool) -> None:
    """Before, while and after a connection is opened, used and given back."""

    async def ask(database: Database) -> None:
        async with getattr(database, how)() as connection:
            await connection.execute(text("SELECT 1"))

    async def cut(moments: int) -> bool:
        database = Database(sqlite_url)
        if warm:
            await ask(database)
        asking = asyncio.create_task(ask(database))
        for _ in range(moments):
            await asyncio.sleep(0.0002)
        done = asking.done()
        asking.cancel()
        await database.close()
        assert not threads()
        await asyncio.wait([asking])
        return done

    moments = 0
    while not asyncio.run(cut(moments)):
        moments += 1


def test_closing_goes_to_its_end_also_where_it_is_cancelled(sqlite_url: str) -> None:
    async def go() -> None:
        database = Database(sqlite_url)
        async with database.read(), database.read(), database.look():
            pass
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert not threads()

    asyncio.run(go())


def test_a_writer_that_is_stopped_leaves_nothing_running_in_its_transaction(sqlite_url: str) -> None:
    async def go() -> None:
        database = Database(sqlite_url)
        writing = asyncio.create_task(database.committer.run())
        began, after = asyncio.Event(), asyncio.Event()

        async def slow(connection: AsyncConnection) -> None:
            began.set()
            await asyncio.sleep(0.05)
            after.set()
            await connection.execute(text("SELECT 1"))

        asking = asyncio.create_task(database.write(slow))
        await began.wait()
        writing.cancel()
        await asyncio.wait([writing])
        asking.cancel()
        await database.close()
        await asyncio.sleep(0.1)
        assert not after.is_set()
        assert not threads()

    asyncio.run(go())


def test_a_server_that_is_not_there_is_unavailable() -> None:
    async def go() -> None:
        database = Database("postgresql+asyncpg://nobody@127.0.0.1:9/none")
        with pytest.raises(Unavailable):
            await database.migrate()
        with pytest.raises(Unavailable):
            async with database.read():
                pass
        await database.close()

    asyncio.run(go())


def test_probe_writes_and_changes_nothing(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            await store.database.probe()

    asyncio.run(go())


def damaged(url: str) -> Path:
    file = Path(url.removeprefix("sqlite+aiosqlite:///"))
    pages = bytearray(file.read_bytes())
    pages[4096 * 3 : 4096 * 5] = b"\xff" * 8192
    file.write_bytes(pages)
    return file


def test_a_file_is_served_once(sqlite_url: str) -> None:
    async def go() -> None:
        first, second = Database(sqlite_url), Database(sqlite_url)
        await first.take()
        with pytest.raises(Unavailable, match="another process serves"):
            await second.take()
        await second.close()
        await first.close()
        third = Database(sqlite_url)
        await third.take()
        await third.close()

    asyncio.run(go())


def test_after_an_unclean_stop_the_file_is_checked(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    lock = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///") + ".lock")

    async def start() -> None:
        database = Database(sqlite_url)
        try:
            await database.take()
        finally:
            await database.close()

    asyncio.run(start())
    assert not caplog.records
    lock.write_text("serving\n")
    asyncio.run(start())
    assert "was checked and is whole" in caplog.text
    damaged(sqlite_url)
    asyncio.run(start())  # the last stop was in order: a start does not read the whole file
    lock.write_text("serving\n")
    for _ in range(2):  # and it does not forget what it found
        with pytest.raises(Unavailable, match="is damaged; put a backup in its place"):
            asyncio.run(start())


def test_a_server_that_is_starting_up_is_unavailable(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL says so in an error without a kind; a task that takes it for a mistake of ours would end for good."""

    async def go() -> None:
        async with opened(sqlite_url) as store:

            class StartingUp:
                def connect(self) -> None:
                    raise DBAPIError("SELECT 1", None, Exception("the database system is starting up"))

            monkeypatch.setattr(store.database, "_reader", StartingUp())
            with pytest.raises(Unavailable, match="DBAPIError"):
                async with store.database.read():
                    pass
            monkeypatch.undo()

    asyncio.run(go())


def test_who_writes_does_not_wait_while_what_was_erased_waits_for_a_reader(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            await store.users.add("Ann", NOW)
            async with store.database.read() as connection:
                await connection.execute(select(users))
                await store.users.add("Bob", NOW)
                settling = asyncio.ensure_future(store.database.settle())
                await asyncio.sleep(0)
                await asyncio.wait_for(store.users.add("Cid", NOW), 2)
                assert not settling.done()
            await asyncio.wait_for(settling, 2)
            sizes.append(log.stat().st_size)  # noqa: ASYNC240 (closing the database takes the file away)

    log = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///") + "-wal")
    sizes: list[int] = []
    asyncio.run(go())
    assert sizes == [0]


def test_a_glance_sees_what_was_committed_last_and_its_types(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            query = select(users.c.name, users.c.at).where(users.c.id == bindparam("id")).order_by(users.c.name)
            ann = await store.users.add("Ann", NOW)
            assert await store.database.glance(query, {"id": ann.id}) == [("Ann", NOW)]
            bob = await store.users.add("Bob", NOW)
            first, second = await asyncio.gather(*(store.database.glance(query, {"id": i}) for i in (bob.id, "none")))
            assert (first, second) == ([("Bob", NOW)], [])

    asyncio.run(go())


def test_where_there_is_no_database_a_glance_says_so(tmp_path: Path) -> None:
    async def go() -> None:
        (tmp_path / "a.db").mkdir()
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
        with pytest.raises(Unavailable):
            await database.glance(select(users.c.name).where(users.c.id == bindparam("id")), {"id": "x"})
        await database.close()

    asyncio.run(go())
