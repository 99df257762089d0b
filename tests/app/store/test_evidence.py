"""What beliefs rest on, as it is kept."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.frames import DeletedEvent
from app.store import Store, evidence
from app.store.events import append
from app.store.tables import messages
from conversation.member import Member
from conversation.message import Author
from personalization.belief import Evidence, believed, set_value
from personalization.space import space_for
from tests.app.store.opened import NOW, a_room, opened

LENGTH = space_for("preferences").dimension("length")
SHORT = (1.0, 0.1, 0.1)


async def _said(store: Store, room: str, author: Author, text: str) -> str:
    return (await store.messages.post(room, author, text, text, None, NOW)).message.id


def test_a_message_tells_once_and_is_forgotten_with_its_words(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, owner, ann = await a_room(store)
            first = await _said(store, room, ann, "short please")
            second = await _said(store, room, ann, "tl;dr")
            for source in (first, second, first):
                assert await store.beliefs.add(owner.id, room, {"length": Evidence(source, SHORT, NOW)})
            found = await store.beliefs.of(owner.id)
            assert sorted(e.source for e in found["length"]) == sorted([first, second])
            assert believed(LENGTH, found["length"], NOW).chances[0] > 0.9
            await store.edits.delete(room, first, owner.id, True, NOW)
            await store.edits.edit(room, second, owner.id, "never mind", NOW)
            assert await store.beliefs.of(owner.id) == {}
            assert not await store.beliefs.add(owner.id, room, {"length": Evidence(first, SHORT, NOW)})

    asyncio.run(go())


def test_what_was_said_in_one_room_shapes_nothing_where_others_read(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, owner, ann = await a_room(store)
            bob = (await store.users.add("Bob", NOW)).id
            shared = await store.rooms.create("Both", owner.id, None, NOW)
            await store.members.put(shared, Member(bob, "Bob", "member"), NOW)
            alone, together = await _said(store, room, ann, "short"), await _said(store, shared, ann, "no jokes")
            await store.beliefs.add(owner.id, room, {"length": Evidence(alone, SHORT, NOW)})
            await store.beliefs.add(owner.id, shared, {"humour": Evidence(together, (0.1, 1.0), NOW)})
            assert set(await store.beliefs.of(owner.id)) == {"length", "humour"}
            assert set(await store.beliefs.of(owner.id, [owner.id, bob])) == {"humour"}
            assert set(await store.beliefs.of(owner.id, [owner.id])) == {"length", "humour"}
            await store.beliefs.set_by_hand(owner.id, "length", set_value(LENGTH, "long", "by-hand:ann", NOW))
            mine = await store.beliefs.of(owner.id, [owner.id, bob])
            assert believed(LENGTH, mine["length"], NOW + timedelta(days=900)).chances[2] > 0.9

    asyncio.run(go())


def test_by_hand_is_taken_back_and_everything_can_be_forgotten(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            _, owner, _ = await a_room(store)
            await store.beliefs.set_by_hand(owner.id, "length", set_value(LENGTH, "long", "by-hand:ann", NOW))
            await store.beliefs.set_by_hand(owner.id, "length", set_value(LENGTH, "short", "by-hand:ann", NOW))
            assert len((await store.beliefs.of(owner.id))["length"]) == 1
            await store.beliefs.set_by_hand(owner.id, "length", None)
            assert await store.beliefs.of(owner.id) == {}
            await store.beliefs.set_by_hand(owner.id, "length", set_value(LENGTH, "short", "by-hand:ann", NOW))
            assert await store.beliefs.forget(owner.id) == 1

    asyncio.run(go())


def test_what_was_set_by_hand_is_read_however_much_was_said_since(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "MOST", 3)

    async def go() -> None:
        async with opened(database_url) as store:
            room, owner, ann = await a_room(store)
            await store.beliefs.set_by_hand(owner.id, "length", set_value(LENGTH, "long", "by-hand:ann", NOW))
            said = [await _said(store, room, ann, f"joke {i}") for i in range(5)]
            for source in said:
                await store.beliefs.add(owner.id, room, {"humour": Evidence(source, (0.1, 1.0), NOW)})
            found = await store.beliefs.of(owner.id)
            assert believed(LENGTH, found["length"], NOW).chances[2] > 0.9
            assert [e.source for e in found["humour"]] == said[-2:]

    asyncio.run(go())


def test_nothing_is_kept_of_a_message_that_another_process_is_just_deleting(postgres_url: str) -> None:
    async def go() -> None:
        async with opened(postgres_url) as here, opened(postgres_url) as there:
            room, owner, ann = await a_room(here)
            source = await _said(here, room, ann, "short please")
            deleted, committed = asyncio.Event(), asyncio.Event()

            async def slowly(connection: AsyncConnection) -> None:
                await append(
                    connection, room, NOW, lambda seq: DeletedEvent(room=room, seq=seq, id=source, by="a", at=NOW)
                )
                await connection.execute(update(messages).where(messages.c.id == source).values(deleted_at=NOW))
                await evidence.disbelieve(connection, [source])
                deleted.set()
                await committed.wait()

            deleting = asyncio.ensure_future(there.database.write(slowly, room))
            await deleted.wait()
            adding = asyncio.ensure_future(here.beliefs.add(owner.id, room, {"length": Evidence(source, SHORT, NOW)}))
            await asyncio.wait([adding], timeout=0.1)
            committed.set()
            await deleting
            assert not await adding
            assert await here.beliefs.of(owner.id) == {}

    asyncio.run(go())


def test_nothing_is_kept_of_a_message_that_is_to_be_forgotten_and_stays(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, owner, ann = await a_room(store)
            source = await _said(store, room, ann, "short please")
            await store.erasing.erase([source])
            assert not await store.beliefs.add(owner.id, room, {"length": Evidence(source, SHORT, NOW)})
            assert await store.beliefs.of(owner.id) == {}

    asyncio.run(go())
