"""What agents make of a person, by rule, through the store and through the public door."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from app.portraits import NOBODY, Portrait, journeys_of, known_of, portrait, summary_of
from app.store import Store
from app.store.items import insert_items
from conversation.member import Member
from memory.consent import Consent
from memory.item import Item
from personalization.summary import Edit
from tests.app.harness import served
from tests.app.store.opened import NOW, opened
from tests.conversation.build import message, moment
from tests.memory.build import item
from thoughts.known import NOTHING_KNOWN

BASIL = ("I like the basil under my grow light.", "I bought a second grow light.", "I have grow light timers.")


async def put(store: Store, *items: Item) -> None:
    await store.database.write(lambda connection: insert_items(connection, items))


async def home(store: Store) -> tuple[str, str, str]:
    ann, bob = [(await store.users.add(n, NOW)).id for n in ("Ann", "Bob")]
    room = await store.rooms.create("Tea", ann, None, NOW)
    await store.members.put(room, Member(bob, "Bob", "member"), NOW)
    return room, ann, bob


async def seen(store: Store, user: str, *present: str) -> Portrait:
    return await portrait(store, user, "Ann", await store.items.about(user, present), present, NOW)


def of(room: str, who: str, name: str, text: str, *audience: str, day: int = 0, place: float = 0.0) -> Item:
    made = item(f"{room}-{name}", text, subject=who, audience=audience, day=day, embedding=(1.0, place))
    return replace(made, room=room)


def test_it_holds_what_all_who_are_here_may_hear(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, ann, bob = await home(store)
            await put(store, of(room, ann, "i1", "I live in Oslo.", bob), of(room, ann, "i2", "I hate my boss."))
            both = await seen(store, ann, ann, bob)
            alone = await seen(store, ann, ann)
            assert both.summary is not None
            assert alone.summary is not None
            assert [s.items for s in both.summary.sentences] == [(f"{room}-i1",)]
            assert both.audience == frozenset({ann, bob})
            assert {s.items for s in alone.summary.sentences} == {(f"{room}-i1",), (f"{room}-i2",)}
            assert alone.audience == frozenset({ann})
            assert await seen(store, ann) == NOBODY

    asyncio.run(go())


def test_without_consent_to_infer_there_is_none(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, ann, _ = await home(store)
            await put(store, *(of(room, ann, f"i{n}", text, day=n) for n, text in enumerate(BASIL)))
            assert [j.name for j in journeys_of(ann, await store.items.of_subject(ann))] == ["grow light"]
            assert (await seen(store, ann, ann)).summary is not None
            await store.consents.put(ann, Consent(infer=False), NOW)
            assert await seen(store, ann, ann) == NOBODY

    asyncio.run(go())


def test_an_edit_is_for_whom_it_was_written() -> None:
    us = frozenset({"ann", "bob"})
    made = summary_of("Ann", [Edit("Call me Annie.", NOW, us)], [item()], frozenset({"ann"}), NOW)
    assert made.audience == us
    assert made.sources == ()
    assert made.summary is not None
    assert made.summary.text.endswith("Call me Annie.")
    wider = summary_of("Ann", [Edit("Call me Annie.", NOW, us)], [item()], us | {"cat"}, NOW)
    assert wider.summary is None


def test_a_reply_knows_whom_it_answers_and_where_it_is_from(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, ann, bob = await home(store)
            await put(store, of(room, ann, "i1", "I live in Oslo.", bob))
            people = (Member(ann, "Ann", "owner"), Member(bob, "Bob", "member"), Member("m", "Mika", "agent"))
            now = moment([message(1, people[0], "hello")], agent=people[2], members=people)
            heard = await store.items.candidates([ann, bob], 2)
            known = await known_of(store, now, heard)
            assert known.summary is not None
            assert "I live in Oslo" in known.summary.text
            assert [t.id for t in known.sources] == [f"{room}-i1"]
            answer_bob = moment([message(1, people[1], "hello")], agent=people[2], members=people)
            assert await known_of(store, answer_bob, heard) == NOTHING_KNOWN
            assert (
                await known_of(store, replace(now, trigger=replace(now.trigger, kind="pause")), heard) == NOTHING_KNOWN
            )

    asyncio.run(go())


def test_my_own_words_win_and_can_be_taken_back(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room("Tea", agent=None)
            store = house.parts.store
            await put(store, of(room, ann.id, "i1", "I live in Oslo."))
            (before,) = (await ann.got("GET", "/me/profile"))["summaries"]
            assert (before["room"], before["by"]) == (room, "items")
            assert before["sentences"] == [{"text": "Ann said: “I live in Oslo”.", "items": [f"{room}-i1"]}]
            (mine,) = (await ann.got("PUT", "/me/profile", {"summary": {"text": "Call me Annie.", "room": room}}))[
                "summaries"
            ]
            assert (mine["by"], mine["sentences"]) == ("me", [{"text": "Call me Annie.", "items": []}])
            bob = await house.user("Bob")
            await store.members.put(room, Member(bob.id, "Bob", "member"), NOW + timedelta(days=1))
            (wider,) = (await ann.got("GET", "/me/profile"))["summaries"]
            assert (wider["by"], wider["text"]) == ("nobody", "")
            (gone,) = (await ann.got("PUT", "/me/profile", {"summary": {"text": "", "room": None}}))["summaries"]
            assert (gone["by"], gone["text"]) == ("me", "")
            await ann.got("POST", "/me/forget", {"everything": True})
            assert await store.summaries.of(ann.id) == ()
            long = await ann.call("PUT", "/me/profile", {"summary": {"text": "very " * 400}})
            assert (long.status_code, long.json()["error"]["field"]) == (422, "text")
            foreign = await bob.call("PUT", "/me/profile", {"summary": {"text": "x", "room": "nowhere"}})
            assert (foreign.status_code, foreign.json()["error"]["field"]) == (404, "room")

    asyncio.run(go())
