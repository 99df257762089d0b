"""Edits and deletions: events of the log, and old words that are nowhere any more."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from app.errors import Conflict, Forbidden, NotFound
from app.frames import DeletedEvent, EditedEvent, MessageEvent
from app.store import Store
from app.store.tables import metadata
from tests.app.store.opened import NOW, a_room, opened

LATER = NOW + timedelta(minutes=1)


async def everything(store: Store) -> str:
    """Every cell of the database."""
    cells: list[str] = []
    async with store.database.read() as connection:
        for table in metadata.sorted_tables:
            cells += [str(row) for row in await connection.execute(sql(f"SELECT * FROM {table.name}"))]
    return "\n".join(cells)


def test_an_edit_is_an_event_and_the_old_words_are_gone(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            message = (await store.messages.post(room, ann, "c1", "my password is wxyzzy", None, NOW)).message
            await store.messages.post(room, ann, "c2", "oops", None, NOW)
            first = await store.edits.edit(room, message.id, ann.id, "my pasword is secret", LATER)
            assert first is not None
            assert first.frame == EditedEvent(room=room, seq=3, id=message.id, text="my pasword is secret", at=LATER)
            second = await store.edits.edit(room, message.id, ann.id, "my password is secret", LATER)
            assert second is not None
            assert second.seq == 4
            assert await store.edits.edit(room, message.id, ann.id, "my password is secret", LATER) is None
            stored = await everything(store)
            assert "wxyzzy" not in stored
            assert "pasword" not in stored
            texts = [
                (e.seq, e.frame.message.text if isinstance(e.frame, MessageEvent) else e.frame.text)
                for e in await store.events.after(room, 0)
                if isinstance(e.frame, MessageEvent | EditedEvent)
            ]
            assert texts == [
                (1, "my password is secret"),
                (2, "oops"),
                (3, None),
                (4, "my password is secret"),
            ]
            view = (await store.messages.page(room, 0, None, 10))[0]
            assert (view.text, view.edited_at, view.deleted_at) == ("my password is secret", LATER, None)

    asyncio.run(go())


def test_a_deleted_message_keeps_its_place_and_nothing_else(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            message = (await store.messages.post(room, ann, "c1", "the code is wxyzzy", None, NOW)).message
            await store.edits.edit(room, message.id, ann.id, "the code was wxyzzy", NOW)
            await store.messages.react(room, message.id, ann.id, "👍", True, NOW)
            gone = await store.edits.delete(room, message.id, ann.id, False, LATER)
            assert gone is not None
            assert gone.frame == DeletedEvent(room=room, seq=4, id=message.id, by=ann.id, at=LATER)
            assert await store.edits.delete(room, message.id, ann.id, False, LATER) is None
            assert "wxyzzy" not in await everything(store)
            (view,) = await store.messages.page(room, 0, None, 10)
            assert (view.seq, view.text, view.deleted_at, view.reactions) == (1, "", LATER, [])
            assert await store.messages.recent_messages(room, 10) == ()
            with pytest.raises(Conflict):
                await store.edits.edit(room, message.id, ann.id, "again", LATER)
            with pytest.raises(Conflict):
                await store.messages.react(room, message.id, ann.id, "👍", True, LATER)

    asyncio.run(go())


def test_the_same_client_id_after_an_edit_is_still_the_same_message(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            message = (await store.messages.post(room, ann, "c1", "Tea?", None, NOW)).message
            await store.edits.edit(room, message.id, ann.id, "Coffee?", NOW)
            again = await store.messages.post(room, ann, "c1", "Tea?", None, NOW)
            assert (again.message.id, again.logged) == (message.id, None)
            await store.edits.delete(room, message.id, ann.id, False, NOW)
            again = await store.messages.post(room, ann, "c1", "Tea?", None, NOW)
            assert (again.message.id, again.logged) == (message.id, None)

    asyncio.run(go())


def test_who_may(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, ann = await a_room(store)
            message = (await store.messages.post(room, ann, "c1", "Tea?", None, NOW)).message
            with pytest.raises(Forbidden):
                await store.edits.edit(room, message.id, "bob", "Coffee?", NOW)
            with pytest.raises(Forbidden):
                await store.edits.delete(room, message.id, "bob", False, NOW)
            with pytest.raises(NotFound):
                await store.edits.edit("elsewhere", message.id, ann.id, "Coffee?", NOW)
            with pytest.raises(NotFound):
                await store.edits.delete(room, "no such", ann.id, True, NOW)
            assert await store.edits.delete(room, message.id, "bob", True, NOW) is not None

    asyncio.run(go())
