"""Rooms from files, in the store."""

import asyncio
import json

import pytest
from sqlalchemy import Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import BadInput, Unavailable
from app.store.tables import events, messages, rooms, users
from app.store.transfers import CHUNK, COMING, LONG, PREFIX, _insert
from app.transfer import read
from tests.app.store.opened import NOW, opened

CHAT = [
    '{"id": 0, "at": "2004-11-15T12:18:00+00:00", "author": "tweaked", "text": "Tea?", "reply_to": null}',
    '{"id": 1, "at": "2004-11-15T12:19:00", "author": "mika", "text": "Yes", "reply_to": 0}',
]


def test_a_chat_becomes_a_room_of_names_whom_nobody_can_be(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            ann = await store.users.add("Ann", NOW)
            room = await store.transfers.take_in(read(CHAT, "Old"), ann.id, "Ann", NOW)
            page = await store.messages.page(room, 0, None, 10)
            assert [(m.seq, m.author.name, m.text) for m in page] == [(1, "tweaked", "Tea?"), (2, "mika", "Yes")]
            assert page[1].reply_to == page[0].id
            assert all(m.author.id.startswith(PREFIX) for m in page)
            assert [(m.id, m.role) for m in await store.members.of_room(room)] == [(ann.id, "owner")]
            row = await store.rooms.get(room)
            assert row is not None
            assert (row.name, row.head) == ("Old", 2)
            assert [body async for body in store.transfers.events(room)] == [
                body for _, body in await store.events.bodies(room, 0)
            ]
            again = await store.transfers.take_in(read(CHAT, "Old"), ann.id, "Ann", NOW)
            assert again != room

    asyncio.run(go())


def test_what_cannot_come_in_whole_does_not_come_in(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            ann = await store.users.add("Ann", NOW)

            seen: list[int] = []

            async def broken(table: Table, rows: list[object], connection: AsyncConnection) -> None:
                if table is messages:
                    seen.append((await connection.execute(select(func.count()).select_from(users))).scalar_one())
                    raise Unavailable("in the middle")
                await _insert(table, rows, connection)  # type: ignore[arg-type]

            monkeypatch.setattr("app.store.transfers._insert", broken)
            with pytest.raises(Unavailable):
                await store.transfers.take_in(read(CHAT, "Old"), ann.id, "Ann", NOW)
            assert seen == [3]
            async with store.database.read() as connection:
                assert (await connection.execute(select(rooms))).all() == []
                assert (await connection.execute(select(events))).all() == []
                assert len((await connection.execute(select(users))).all()) == 1

    asyncio.run(go())


def test_nobody_sees_a_room_that_is_still_coming_in_and_others_write_meanwhile(database_url: str) -> None:
    count = 3 * CHUNK
    lines = [
        json.dumps({"id": i, "at": "2026-01-05T09:30:00Z", "author": "ann", "text": f"t {i}"}) for i in range(count)
    ]

    async def go() -> None:
        async with opened(database_url) as store:
            ann = await store.users.add("Ann", NOW)
            coming = asyncio.ensure_future(store.transfers.take_in(read(lines, "Old"), ann.id, "Ann", NOW))
            between = 0
            while not coming.done():
                assert await store.rooms.of_user(ann.id) == () or coming.done()
                await store.users.add("Bob", NOW)
                between += not coming.done()
            assert between >= 3
            (row,) = await store.rooms.of_user(ann.id)
            assert (row.id, row.head) == (await coming, count)
            assert len(await store.messages.page(row.id, 0, None, count)) == count

    asyncio.run(go())


def test_two_messages_of_one_id_are_the_files_mistake(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            ann = await store.users.add("Ann", NOW)
            with pytest.raises(BadInput, match="two of the messages"):
                await store.transfers.take_in(read([CHAT[0], CHAT[0]], "Old"), ann.id, "Ann", NOW)
            assert await store.rooms.of_user(ann.id) == ()

    asyncio.run(go())


def test_what_was_coming_in_when_its_service_ended_is_swept(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:

            async def half(connection: AsyncConnection) -> None:
                for room, head, at in (
                    ("half", COMING, NOW - 2 * LONG),
                    ("just", COMING, NOW),
                    ("old", 0, NOW - 2 * LONG),
                ):
                    await connection.execute(insert(rooms).values(id=room, name=room, head=head, at=at))

                    row = {"id": f"{PREFIX}{room}", "name": "A stranger", "at": at}
                    await connection.execute(insert(users).values(row))

            await store.database.write(half)
            await store.transfers.sweep(NOW)
            strangers = [await store.users.get(f"{PREFIX}{room}") is None for room in ("half", "just")]
            assert strangers == [True, False]
            assert [await store.rooms.get(room) is None for room in ("half", "just", "old")] == [True, False, False]

    asyncio.run(go())
