"""Edits and deletions: events of the log, and old words that are nowhere any more."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from app.errors import Conflict, Forbidden, NotFound
from app.frames import DeletedEvent, EditedEvent, MessageEvent
from app.store import Store
from app.store.tables import metadata
from conversation.member import Member
from conversation.message import Author
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


def test_who_is_put_out_or_only_reads_by_now_changes_nothing(postgres_url: str) -> None:
    """Another process said so a moment ago, and this one has not heard of it."""

    async def go() -> None:
        async with opened(postgres_url) as store:
            room, owner, ann = await a_room(store)
            bob = await store.users.add("Bob", NOW)
            await store.members.put(room, Member(bob.id, "Bob", "owner"), NOW)
            author = Author(bob.id, "Bob", "human")
            mine, other, hers = [
                (await store.messages.post(room, who, f"c{i}", "x", None, NOW)).message.id
                for i, who in enumerate((author, author, ann))
            ]
            edit, react, delete = store.edits.edit, store.messages.react, store.edits.delete
            assert await edit(room, mine, bob.id, "y", NOW, allowed=True)
            assert await react(room, mine, bob.id, "👍", True, NOW, allowed=True)
            await store.members.put(room, Member(bob.id, "Bob", "observer"), NOW)
            with pytest.raises(Forbidden):
                await edit(room, mine, bob.id, "z", NOW, allowed=True)
            with pytest.raises(Forbidden):
                await react(room, mine, bob.id, "👍", False, NOW, allowed=True)
            with pytest.raises(Forbidden, match="only its author or an owner"):
                await delete(room, hers, bob.id, True, NOW, allowed=True)
            assert await delete(room, mine, bob.id, False, NOW, allowed=True), "one's own, whoever one is"
            await store.members.remove(room, Member(bob.id, "Bob", "observer"), NOW)
            for refused in (
                edit(room, other, bob.id, "z", NOW, allowed=True),
                react(room, other, bob.id, "👍", True, NOW, allowed=True),
                delete(room, other, bob.id, True, NOW, allowed=True),
            ):
                with pytest.raises(NotFound, match="not in it"):
                    await refused
            assert await delete(room, other, bob.id, False, NOW), "who forgets what they wrote may have left"
            assert [m.text for m in await store.messages.page(room, 0, None, 9)] == ["", "", "x"]
            assert await store.members.role(room, owner.id) == "owner"

    asyncio.run(go())
