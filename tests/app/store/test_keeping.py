"""What is read for what is worth keeping, and what is written of it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.protocol import NewAgent
from app.store import Store
from app.store.keeping import Batch
from app.store.owners import Fenced
from conversation.member import Member
from conversation.message import Author
from memory.consent import Consent
from memory.item import Item
from tests.app.store.opened import NOW, a_room, opened


async def a_talk(store: Store) -> tuple[str, Author, Author]:
    """Ann says `one`, Bob comes, Ann says `two`, Bob `three`."""
    room, _, ann = await a_room(store, NewAgent())
    bob = Author((await store.users.add("Bob", NOW)).id, "Bob", "human")
    await store.messages.post(room, ann, "c1", "one", None, NOW + timedelta(minutes=1))
    await store.members.put(room, Member(bob.id, "Bob", "member"), NOW + timedelta(minutes=2))
    await store.messages.post(room, ann, "c2", "two", None, NOW + timedelta(minutes=3))
    await store.messages.post(room, bob, "c3", "three", None, NOW + timedelta(minutes=4))
    return room, ann, bob


def of(batch: Batch, room: str, number: int, **more: object) -> Item:
    told = batch.told[number]
    m = told.message
    item = Item(f"i{m.seq}", "fact", m.text, m.author.id, m.author.id, room, m.at, (m.id,), told.audience, m.at)
    return replace(item, embedding=(1.0,), **more)  # type: ignore[arg-type]


def test_messages_come_in_batches_each_with_those_who_were_there(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, ann, bob = await a_talk(store)
            first = await store.keeping.unread(room, 2)
            assert [(t.message.text, set(t.audience)) for t in first.told] == [
                ("one", {ann.id}),
                ("two", {ann.id, bob.id}),
            ]
            assert first.more
            assert await store.keeping.keep(room, [], first, None) == ()
            rest = await store.keeping.unread(room, 2)
            assert [t.message.text for t in rest.told] == ["three"]
            assert not rest.more
            await store.keeping.keep(room, [], rest, None)
            assert await store.keeping.waiting(room) == 0
            assert await store.keeping.unread(room, 2) == Batch((), rest.upto, False)

    asyncio.run(go())


def test_who_has_left_since_was_there_and_who_came_since_was_not(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, ann, bob = await a_talk(store)
            await store.members.remove(room, Member(bob.id, "Bob", "member"), NOW + timedelta(minutes=5))
            batch = await store.keeping.unread(room, 10)
            assert [set(t.audience) for t in batch.told] == [{ann.id}, {ann.id, bob.id}, {ann.id, bob.id}]

    asyncio.run(go())


def test_an_edited_message_is_for_those_who_read_its_new_words(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, ann, bob = await a_talk(store)
            (one, *_) = await store.messages.recent_messages(room, 10)
            await store.edits.edit(room, one.id, ann.id, "one, in other words", NOW + timedelta(minutes=5))
            batch = await store.keeping.unread(room, 10)
            assert batch.told[0].audience == {ann.id, bob.id}

    asyncio.run(go())


def test_new_words_of_a_message_that_was_read_are_read_too(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, ann, _ = await a_talk(store)
            first = await store.keeping.unread(room, 9)
            await store.keeping.keep(room, [], first, None)
            said = first.told[0].message
            for text in ("uno", "eins"):
                await store.edits.edit(room, said.id, ann.id, text, NOW + timedelta(minutes=5))
            await store.messages.post(room, ann, "c4", "four", None, NOW + timedelta(minutes=6))
            again = await store.keeping.unread(room, 2)
            assert ([t.message.text for t in again.told], again.more) == (["eins"], True)
            await store.keeping.keep(room, [], again, None)
            rest = await store.keeping.unread(room, 9)
            assert ([t.message.text for t in rest.told], rest.more) == (["four"], False)

    asyncio.run(go())


def test_what_was_taken_back_or_reworded_meanwhile_is_not_kept(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, ann, bob = await a_talk(store)
            batch = await store.keeping.unread(room, 10)
            one, two, three = (t.message for t in batch.told)
            await store.edits.delete(room, one.id, ann.id, False, NOW)
            await store.edits.edit(room, two.id, ann.id, "other", NOW)
            kept = await store.keeping.keep(room, [of(batch, room, n) for n in range(3)], batch, None)
            assert [i.sources for i in kept] == [(three.id,)]
            assert [i.subject for i in await store.items.of_subject(bob.id)] == [bob.id]
            assert await store.items.count() == 1

    asyncio.run(go())


@pytest.mark.parametrize("consent", [Consent(observe=False), Consent(remember=False)])
def test_nothing_is_kept_of_somebody_who_opted_out(sqlite_url: str, consent: Consent) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, ann, _ = await a_talk(store)
            early = await store.keeping.unread(room, 10)
            await store.consents.put(ann.id, consent, NOW)
            kept = await store.keeping.keep(room, [of(early, room, n) for n in range(3)], early, None)
            assert [i.text for i in kept] == ["three"]
            room2, *_ = await a_talk(store)
            assert [t.keeps for t in (await store.keeping.unread(room2, 10)).told] == [True] * 3

    asyncio.run(go())


def test_links_to_what_is_gone_are_left_out(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_talk(store)
            batch = await store.keeping.unread(room, 10)
            answer = of(batch, room, 1, kind="correction", by="aside", corrects="nothing")
            kept = await store.keeping.keep(room, [of(batch, room, 0, replaces=("gone",)), answer], batch, None)
            assert [(i.id, i.replaces) for i in kept] == [(f"i{batch.told[0].message.seq}", ())]

    asyncio.run(go())


def test_a_former_owner_of_the_room_writes_nothing(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_talk(store)
            batch = await store.keeping.unread(room, 10)
            with pytest.raises(Fenced):
                await store.keeping.keep(room, [of(batch, room, 0)], batch, 7)
            assert await store.items.count() == 0
            assert await store.keeping.waiting(room) == 3

    asyncio.run(go())
