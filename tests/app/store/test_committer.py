"""The one writer."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Unavailable
from app.store import Store
from app.store.committer import GROUP, WAITING, Work
from app.store.database import Database
from app.store.tables import rooms
from tests.app.store.opened import NOW, opened


def adding(room: str) -> Work[str]:
    async def work(connection: AsyncConnection) -> str:
        await connection.execute(insert(rooms).values(id=room, name=room, head=0, at=NOW))
        return room

    return work


async def ids(store: Store) -> list[str]:
    async with store.database.read() as connection:
        return sorted((await connection.execute(select(rooms.c.id))).scalars())


def test_writes_that_wait_together_share_a_commit(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            commits = 0

            def count(connection: object) -> None:
                nonlocal commits
                commits += 1

            event.listen(store.database._writer.sync_engine, "commit", count)
            wanted = [f"r{i:03}" for i in range(GROUP + 10)]
            written = await asyncio.gather(*(store.database.write(adding(room)) for room in wanted))
            assert written == wanted
            assert await ids(store) == wanted
            assert commits == 2

    asyncio.run(go())


def test_a_write_that_fails_fails_alone(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            a, b = await store.rooms.create("A", await an_owner(store), None, NOW), "fresh-" + database_url[-6:]

            async def broken(connection: AsyncConnection) -> None:
                await adding("half-" + b)(connection)
                raise KeyError("mine")

            first, second, third = await asyncio.gather(
                store.database.write(adding(a)),
                store.database.write(broken),
                store.database.write(adding(b)),
                return_exceptions=True,
            )
            assert isinstance(first, IntegrityError)
            assert isinstance(second, KeyError)
            assert third == b
            assert {a, b} <= set(await ids(store))
            assert "half-" + b not in await ids(store)

    asyncio.run(go())


async def an_owner(store: Store) -> str:
    return (await store.users.add("Ann", NOW)).id


def test_writes_of_one_key_keep_their_order(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            done: list[str] = []

            def noting(name: str) -> Work[None]:
                async def work(connection: AsyncConnection) -> None:
                    done.append(name)

                return work

            keys = ["b", "a", "b", "a", "b"]
            await asyncio.gather(*(store.database.write(noting(f"{key}{i}"), key) for i, key in enumerate(keys)))
            assert done == ["a1", "a3", "b0", "b2", "b4"]

    asyncio.run(go())


def test_closing_commits_what_was_pending_and_takes_no_more(sqlite_url: str) -> None:
    async def go() -> None:
        database = Database(sqlite_url)
        pending = [asyncio.create_task(database.write(adding(f"r{i}"))) for i in range(3)]
        await asyncio.sleep(0)
        database.committer.close()
        await database.committer.run()
        assert await asyncio.gather(*pending) == ["r0", "r1", "r2"]
        with pytest.raises(Unavailable):
            await database.write(adding("late"))
        await database.close()

    asyncio.run(go())


def test_who_writes_when_too_many_wait_is_told_at_once(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert WAITING >= 50 * GROUP
    monkeypatch.setattr("app.store.committer.WAITING", 3)

    async def together(connection: AsyncConnection, names: Sequence[str]) -> list[str | Exception]:
        return list(names)

    async def go() -> None:
        database = Database(sqlite_url)
        pending = [asyncio.create_task(database.write(adding(f"r{i}"))) for i in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match="try again"):
            await database.write(adding("late"))
        with pytest.raises(Unavailable, match="try again"):
            await database.write_together(together, "late", "late")
        running = asyncio.create_task(database.committer.run())
        assert await asyncio.gather(*pending) == ["r0", "r1", "r2"]
        assert await database.write(adding("now")) == "now"
        database.committer.close()
        await running
        await database.close()

    asyncio.run(go())


def test_a_commit_that_fails_fails_everybody_in_it_and_the_next_goes_on(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:

            async def breaking(connection: AsyncConnection) -> None:
                await connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
                await connection.exec_driver_sql(
                    "INSERT INTO reactions (message_id, user_id, emoji) VALUES ('nowhere', 'nobody', 'x')"
                )

            first, second = await asyncio.gather(
                store.database.write(breaking),
                store.database.write(adding("r1")),
                return_exceptions=True,
            )
            assert isinstance(first, Unavailable)
            assert isinstance(second, Unavailable)
            assert await ids(store) == []
            assert await store.database.write(adding("r2")) == "r2"

    asyncio.run(go())


@pytest.mark.parametrize(
    "error",
    [
        DBAPIError("DELETE", None, Exception("connection was closed in the middle of operation")),
        ConnectionResetError("the driver lets it through"),
    ],
)
def test_a_database_that_goes_away_in_the_middle_of_a_write_is_away(sqlite_url: str, error: Exception) -> None:
    async def broken(connection: AsyncConnection) -> None:
        raise error

    async def go() -> None:
        async with opened(sqlite_url) as store:
            with pytest.raises(Unavailable, match="did not answer"):
                await store.database.write(broken)

    asyncio.run(go())


def test_what_is_wanted_by_many_is_done_together_and_alone_where_that_fails(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            done: list[list[str]] = []

            async def together(connection: AsyncConnection, names: Sequence[str]) -> list[str | Exception]:
                done.append(list(names))
                for name in names:
                    await adding(name)(connection)
                return [KeyError(name) if name == "c" else name.upper() for name in names]

            results = await asyncio.gather(
                *(store.database.write_together(together, name, name) for name in "bca"), return_exceptions=True
            )
            assert [str(r) for r in results] == ["B", "'c'", "A"]
            assert done == [["a", "b", "c"]], "in the order of their keys"
            done.clear()
            again = await asyncio.gather(
                *(store.database.write_together(together, name, name) for name in "adb"), return_exceptions=True
            )
            assert [type(r) for r in again] == [IntegrityError, str, IntegrityError]
            assert done == [["a", "b", "d"], ["a"], ["b"], ["d"]]
            assert await ids(store) == ["a", "b", "c", "d"]

    asyncio.run(go())


def test_what_is_done_alone_keeps_its_place_among_the_keys_and_in_its_own(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            done: list[str] = []

            async def together(connection: AsyncConnection, names: Sequence[str]) -> list[str | Exception]:
                done.append("+".join(names))
                return [*names]

            def alone(name: str) -> Work[None]:
                async def work(connection: AsyncConnection) -> None:
                    done.append(name)

                return work

            write, join = store.database.write, store.database.write_together
            await asyncio.gather(
                join(together, "d1", "d"),
                join(together, "a1", "a"),
                join(together, "c1", "c"),
                write(alone("c2"), "c"),
                join(together, "c3", "c"),
                join(together, "b1", "b"),
                join(together, "e1", "e"),
            )
            assert done == ["a1+b1", "c1", "c2", "c3", "d1+e1"]

    asyncio.run(go())


def test_a_group_of_one_part_has_no_savepoint(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            savepoints = 0

            def count(connection: object, name: str) -> None:
                nonlocal savepoints
                savepoints += 1

            event.listen(store.database._writer.sync_engine, "savepoint", count)

            async def together(connection: AsyncConnection, names: Sequence[str]) -> list[str | Exception]:
                for name in names:
                    await adding(name)(connection)
                return list(names)

            await asyncio.gather(*(store.database.write_together(together, name, name) for name in "abc"))
            await store.database.write(adding("d"))
            assert savepoints == 0
            with pytest.raises(IntegrityError):
                await store.database.write(adding("a"))
            await asyncio.gather(*(store.database.write(adding(name)) for name in "ef"))
            assert savepoints == 2, "each may be undone without the other"
            assert await ids(store) == list("abcdef")

    asyncio.run(go())
