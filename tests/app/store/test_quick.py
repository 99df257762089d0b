"""Statements that are given to SQLite itself."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, insert, select

from app.errors import Unavailable
from app.store.quick import Quick, quick, stored, text_of
from app.store.tables import rooms
from tests.app.store.opened import opened


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC),
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_a_row_is_what_sqlalchemy_would_have_written(sqlite_url: str, at: datetime) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store, store.database._writer.begin() as connection:
            given = {"id": "b", "name": "Büro", "head": 7, "at": at}
            await connection.execute(insert(rooms).values({**given, "id": "a"}))
            direct = quick(connection)
            assert direct is not None
            direct.many(text_of(insert(rooms), tuple(given)), [{**given, "at": stored(at)}])
            [first, second] = direct.rows("SELECT name, head, at, owner, fence FROM rooms ORDER BY id", {})
            assert first == second
            [row] = await connection.execute(select(rooms).where(rooms.c.id == "b"))
            assert (row.at, row.name) == (at, "Büro")
            one = text_of(select(rooms.c.head).where(rooms.c.id == bindparam("room")))
            assert direct.rows(one, {"room": "b"}) == [(7,)]

    asyncio.run(go())


def test_what_the_database_cannot_do_is_unavailable(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store, store.database._writer.connect() as connection:
            direct = quick(connection)
            assert isinstance(direct, Quick)
            with pytest.raises(Unavailable, match="no such table"):
                direct.rows("SELECT * FROM nowhere", {})
            with pytest.raises(Unavailable, match="no such table"):
                direct.many("INSERT INTO nowhere VALUES (:a)", [{"a": 1}])

    asyncio.run(go())
