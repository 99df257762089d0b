"""What a room may hear, over SQLite and over a server: one text of each question, two ways to hand it over."""

import asyncio

import pytest

from app.store import candidates
from memory.recall import Candidates
from tests.app.store.opened import a_room, opened
from tests.app.store.test_items import people, put, said


def test_what_is_handed_to_sqlite_itself_finds_the_same(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, ann, _ = await a_room(store)
            bob, cat = await people(store, "Bob", "Cat")
            claim = said(room, ann.id, "claim", [bob, cat], kind="claim", sources=("m1", "m2"), confidence=0.5)
            answer = said(room, ann.id, "k", [bob, cat], day=1, kind="correction", by="aside", corrects="claim")
            old = said(room, bob, "old", [ann.id], since=claim.since.replace(year=2020))
            new = said(room, bob, "new", [ann.id, cat], day=3, replaces=("old",), edited=True)
            more = [said(room, cat, f"e{n}", day=n, kind="event", public=n == 1) for n in range(3)]
            await put(store, claim, answer, old, new, *more)

            async def found() -> list[Candidates]:
                rooms: tuple[list[str], ...] = ([], [ann.id], [ann.id, bob], [bob, cat], [cat], [ann.id, bob, cat])
                return [await store.items.candidates(present, 2) for present in rooms]

            quick = await found()
            assert [len(one.items) for one in quick] == [1, 3, 3, 3, 5, 3]
            with monkeypatch.context() as patched:
                patched.setattr(candidates, "quick", lambda connection: None)
                assert await found() == quick
            everybody = {item.id: item for one in quick for item in (*one.items, *one.corrections)}
            for item in (claim, answer, *more):
                assert {f: getattr(everybody[item.id], f) for f in item.__slots__ if f != "embedding"} == {
                    f: getattr(item, f) for f in item.__slots__ if f != "embedding"
                }
            assert everybody["new"].edited
            assert everybody["e1"].public

    asyncio.run(go())


def test_what_a_value_took_the_place_of_leads_to_it_where_that_may_be_heard(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, ann, _ = await a_room(store)
            (bob,) = await people(store, "Bob")
            old = said(room, ann.id, "old", embedding=(0.0, 1.0))
            elsewhere = said(room, ann.id, "elsewhere", embedding=(0.0, 1.0, 0.0))
            new = said(room, ann.id, "new", [bob], day=3, replaces=("old", "elsewhere"))
            await put(store, old, elsewhere, new, said(room, ann.id, "other", [bob], day=4))
            alone, both = await store.items.candidates([ann.id], 2), await store.items.candidates([ann.id, bob], 2)
            assert [alone.items[n].id for n in alone.former] == ["new"]
            assert alone.earlier.tolist() == [[0.0, 1.0]]
            assert both.former == ()
            assert both.earlier.shape == (0, 2)

    asyncio.run(go())


def test_candidates_are_of_one_state_of_the_database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An item that is written between two statements of one reading is in neither."""

    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, ann, _ = await a_room(store)
            await put(store, said(room, ann.id, "first"))
            (new,) = await people(store, "Bob")
            rows = candidates._Asking.rows
            wrote = False

            async def writing(self: candidates._Asking, name: str, **values: object) -> list[object]:
                nonlocal wrote
                if name == "episodic" and not wrote:
                    wrote = True
                    await put(store, said(room, ann.id, "meanwhile", [new], day=1, kind="event"))
                return await rows(self, name, **values)  # type: ignore[arg-type]

            monkeypatch.setattr(candidates._Asking, "rows", writing)
            assert [i.id for i in (await store.items.candidates([ann.id], 2)).items] == ["first"]
            assert [i.id for i in (await store.items.candidates([ann.id], 2)).items] == ["first", "meanwhile"]

    asyncio.run(go())
