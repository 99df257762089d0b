"""Rooms from files, in the store."""

import asyncio

import pytest
from sqlalchemy import select

from app.errors import Unavailable
from app.store.tables import rooms, users
from app.store.transfers import PREFIX
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

            async def broken(*_: object) -> None:
                raise Unavailable("in the middle")

            monkeypatch.setattr("app.store.transfers._runs", broken)
            with pytest.raises(Unavailable):
                await store.transfers.take_in(read(CHAT, "Old"), ann.id, "Ann", NOW)
            async with store.database.read() as connection:
                assert (await connection.execute(select(rooms))).all() == []
                assert len((await connection.execute(select(users))).all()) == 1

    asyncio.run(go())
