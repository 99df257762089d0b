"""What a room may hear, as the database tells it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from app.store import Store
from app.store.items import insert_items
from memory.audience import admissible
from memory.consent import Consent
from memory.item import Item
from memory.validity import standing
from tests.app.store.opened import NOW, a_room, opened

EAST = (1.0, 0.0)


async def people(store: Store, *names: str) -> list[str]:
    return [(await store.users.add(name, NOW)).id for name in names]


def said(room: str, who: str, name: str, audience: Sequence[str] = (), *, day: int = 0, **more: object) -> Item:
    at = NOW + timedelta(days=day)
    plain = Item(name, "fact", f"text of {name}", who, who, room, at, (f"m-{name}",), frozenset({who, *audience}), at)
    return replace(plain, **{"embedding": EAST, **more})  # type: ignore[arg-type]


async def put(store: Store, *items: Item) -> None:
    await store.database.write(lambda connection: insert_items(connection, items))


def test_items_come_back_whole_and_dated(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, ann, _ = await a_room(store)
            (bob,) = await people(store, "Bob")
            old = said(
                room,
                ann.id,
                "old",
                [bob],
                sources=("m1", "m2"),
                confidence=0.5,
                embedding=(0.5, -0.25),
                circumstance="at work",
            )
            new = said(room, ann.id, "new", day=2, replaces=("old",), public=True, edited=True, kind="preference")
            await put(store, old, new)
            assert await store.items.of_subject(ann.id) == (new, replace(old, until=new.since))
            assert await store.items.about(ann.id, {ann.id, bob}) == (new, replace(old, until=new.since))
            assert await store.items.of_subject(bob) == ()
            assert [(i.id, i.circumstance) for i in (await store.items.candidates([ann.id], 2)).items] == [("new", "")]
            await store.erasing.reword("old", "other words", (0.5, -0.25))
            assert [i.circumstance for i in await store.items.of_subject(ann.id)] == ["", ""]
            assert await store.items.count() == 2

    asyncio.run(go())


def test_the_query_and_the_rule_say_the_same_for_every_audience(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, ann, _ = await a_room(store)
            folk = [ann.id, *await people(store, "Bob", "Cat")]
            subsets = [[p for n, p in enumerate(folk) if mask >> n & 1] for mask in range(8)]
            items = [said(room, ann.id, f"a{n}", subset, day=n) for n, subset in enumerate(subsets)]
            items.append(said(room, ann.id, "open", day=20, public=True))
            items.append(said(room, ann.id, "closer", [folk[1]], day=21, replaces=("a7", "a3")))
            await put(store, *items)
            for present in subsets:
                found = await store.items.candidates(present, 2)
                holds = [i.id for i in standing(items, present)] if present else ["open"]
                assert {i.id for i in found.items} == set(holds), present
                assert all(admissible(i, present) for i in found.items)

    asyncio.run(go())


def test_corrections_come_beside_their_claims_where_both_may_be_heard(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, ann, _ = await a_room(store)
            (bob,) = await people(store, "Bob")
            claim = said(room, ann.id, "claim", [bob], kind="claim")
            private = said(room, ann.id, "k1", kind="correction", by="aside", corrects="claim")
            open_ = said(room, ann.id, "k2", [bob], day=1, kind="correction", by="aside", corrects="claim")
            await put(store, claim, private, open_)
            alone = await store.items.candidates([ann.id], 2)
            both = await store.items.candidates([ann.id, bob], 2)
            assert [i.id for i in alone.items] == ["claim"]
            assert [i.id for i in alone.corrections] == ["k1", "k2"]
            assert [i.id for i in both.corrections] == ["k2"]
            assert both.names == {ann.id: "Ann"}

    asyncio.run(go())


def test_nothing_of_somebody_who_does_not_let_it_be_remembered_is_used(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, ann, _ = await a_room(store)
            await put(store, said(room, ann.id, "one"))
            await store.consents.put(ann.id, Consent(remember=False), NOW)
            assert (await store.items.candidates([ann.id], 2)).items == ()
            assert len(await store.items.of_subject(ann.id)) == 1, "they still see it"

    asyncio.run(go())


def test_what_another_embedder_placed_is_passed_over(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, ann, _ = await a_room(store)
            await put(store, said(room, ann.id, "one"), said(room, ann.id, "two", embedding=(1.0, 0.0, 0.0)))
            found = await store.items.candidates([ann.id], 3)
            assert [i.id for i in found.items] == ["two"]
            assert found.vectors.shape == (1, 3)

    asyncio.run(go())


def test_a_room_that_is_deleted_takes_what_was_kept_of_it(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, ann, _ = await a_room(store)
            other = await store.rooms.create("Other", ann.id, None, NOW)
            await put(store, said(room, ann.id, "one"), said(other, ann.id, "two"))
            await store.rooms.delete(room)
            assert [i.id for i in await store.items.of_subject(ann.id)] == ["two"]

    asyncio.run(go())
