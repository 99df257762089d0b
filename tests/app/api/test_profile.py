"""What is kept of me, over the service's door; what is forgotten is nowhere: not in the database's files, not in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from app.agent import Mind
from app.listening import Attentive
from conversation.moment import Trigger
from inference.remembered import RememberedEmbedder
from tests.app.harness import PATIENCE, House, Person, served

QUIET = {
    "name": "Mika",
    "mode": "shadow",
    "policy": {"im_threshold": 1, "interrupt_threshold": 1, "debounce": 0, "min_gap": 0},
}
SECRET = "wxyzzy"
TASTE = "I like a cup of black tea in the morning."
SAID = f"I'm allergic to {SECRET} and to dust."
Scene = Callable[[House, Person, str], Awaitable[None]]


async def said(house: House, who: Person, room: str, *texts: str) -> list[str]:
    """Says it in the room, and has the room read; ids of the messages."""
    ids = []
    for n, text in enumerate(texts):
        body = {"client_id": f"{who.name}-{n}-{hash(text)}", "text": text}
        ids.append((await who.got("POST", f"/rooms/{room}/messages", body))["id"])
    await thought(house, room)
    while await house.parts.remembering.read(room, None):
        pass
    return ids


async def thought(house: House, room: str) -> None:
    """Waits until the agents have decided about all that was said."""
    async with asyncio.timeout(PATIENCE):
        mind = mind_of(await house.parts.rooms.get(room))
        while await house.parts.store.outbox.pending(room):
            await mind.rest()
            await asyncio.sleep(0.01)
        await mind.rest()


def mind_of(room: Any) -> Mind:
    listener = room._listener
    assert isinstance(listener, Attentive)
    assert isinstance(listener.mind, Mind)
    return listener.mind


def read_by(mind: Mind) -> list[str]:
    """Ids of the messages that its agent has before it when it thinks."""
    moment = mind._look(mind._residents[0], Trigger("message", 1))
    assert moment is not None
    return [m.id for m in moment.transcript.messages]


def play(tmp_path: Path, scene: Scene) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            await scene(house, ann, await ann.room("Den", agent=QUIET))

    asyncio.run(go())


def test_the_profile_shows_every_item_with_where_it_comes_from_and_who_heard_it(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str) -> None:
        bob = await house.user("Bob")
        await ann.let_in(room, bob)
        (source,) = await said(house, ann, room, "I live in Oslo.")
        profile = await ann.got("GET", "/me/profile")
        (item,) = profile["items"]
        assert (profile["id"], profile["consent"]) == (ann.id, {"observe": True, "remember": True, "infer": True})
        assert (item["text"], item["kind"], item["until"], item["public"]) == ("I live in Oslo.", "fact", None, False)
        assert {h["name"] for h in item["audience"]} == {"Ann", "Bob"}
        assert [(s["id"], s["text"]) for s in item["sources"]] == [(source, "I live in Oslo.")]
        assert (await bob.got("GET", "/me/profile"))["items"] == []

    play(tmp_path, scene)


def test_an_item_is_corrected_and_opened_and_closed_by_its_subject_alone(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str) -> None:
        bob = await house.user("Bob")
        await said(house, ann, room, "I live in Oslo.")
        path = f"/me/profile/items/{(await ann.got('GET', '/me/profile'))['items'][0]['id']}"
        assert (await bob.call("PATCH", path, {"text": "I live in Rome."})).status_code == 404
        (item,) = (await ann.got("PATCH", path, {"text": "I live in Bergen."}))["items"]
        assert (item["text"], item["edited"]) == ("I live in Bergen.", True)
        store = house.parts.store
        assert (await store.items.candidates([ann.id, bob.id], 64)).items == ()
        (item,) = (await ann.got("PATCH", path, {"audience": [bob.id]}))["items"]
        assert {h["id"] for h in item["audience"]} == {ann.id, bob.id}
        assert len((await store.items.candidates([ann.id, bob.id], 64)).items) == 1
        (item,) = (await ann.got("PATCH", path, {"public": True}))["items"]
        assert item["public"]
        await ann.got("PATCH", path, {"audience": []})
        assert (await store.items.candidates([ann.id, bob.id], 64)).items == ()
        for wrong in ({"public": True, "audience": []}, {"public": False}):
            assert (await ann.call("PATCH", path, wrong)).status_code == 422

    play(tmp_path, scene)


def residue(folder: Path) -> list[str]:
    """Files of the service that hold the word: database, its log, and whatever else it wrote."""
    return [str(p) for p in folder.rglob("*") if p.is_file() and SECRET.encode() in p.read_bytes()]


def cached(house: House) -> list[str]:
    """What the minds of this process remember of texts."""
    found: list[str] = []
    for live, _ in house.parts.rooms._open.values():
        if live._listener is not None:
            embedder = mind_of(live)._embedder
            assert isinstance(embedder, RememberedEmbedder)
            found += [text for text in embedder._known if SECRET in text]
        found += [m.text for m in live.transcript().messages if SECRET in m.text]
    return found


@pytest.mark.parametrize("kind", ["item", "topic", "room", "everything", "by talking"])
def test_what_is_forgotten_is_nowhere(tmp_path: Path, kind: str) -> None:
    async def scene(house: House, ann: Person, room: str) -> None:
        await said(house, ann, room, SAID, "The weather is fine.", TASTE)
        other = await ann.room("Other", agent=QUIET)
        await said(house, ann, other, "I'm allergic to something, what was it?", "And to dust.")
        items = (await ann.got("GET", "/me/profile"))["items"]
        (secret,) = [i for i in items if SECRET in i["text"]]
        heard = [r for run in (await ann.got("GET", f"/rooms/{other}/runs"))["runs"] for r in run["retrieved"]]
        assert any(SECRET in r["text"] for r in heard), "another room must have heard of it, or this test shows nothing"
        assert residue(tmp_path)
        what = {
            "item": {"item": secret["id"]},
            "topic": {"topic": SECRET},
            "room": {"room": room},
            "everything": {"everything": True},
        }
        if kind == "by talking":
            told = {"client_id": "f", "text": f"Mika, forget what I said about {SECRET}."}
            await ann.got("POST", f"/rooms/{room}/messages", told)
            await asyncio.sleep(0)
            await mind_of(await house.parts.rooms.get(room)).rest()
        else:
            gone = await ann.got("POST", "/me/forget", what[kind])
            assert gone["items"] >= 1
            assert gone["messages"] >= 1
            assert gone["thoughts"] >= 1
        await house.parts.store.erasing.settle()
        assert residue(tmp_path) == []
        assert cached(house) == []
        assert SECRET not in (await ann.call("GET", "/me/export")).text
        left = [i["text"] for i in (await ann.got("GET", "/me/profile"))["items"]]
        assert (TASTE in left) == (kind in ("item", "topic", "by talking"))

    play(tmp_path, scene)


def test_a_preview_tells_what_would_go_and_nothing_goes(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str) -> None:
        await said(house, ann, room, SAID, TASTE)
        before = (await ann.got("GET", "/me/profile"))["items"]
        would = await ann.got("POST", "/me/forget", {"everything": True, "preview": True})
        assert (would["items"], would["messages"], would["thoughts"]) == (len(before), 2, 0)
        assert {SAID, TASTE} <= set(would["words"])
        assert (await ann.got("GET", "/me/profile"))["items"] == before
        bob = await house.user("Bob")
        (item, *_) = before
        answer = await bob.call("POST", "/me/forget", {"item": item["id"], "preview": True})
        assert answer.status_code == 404

    play(tmp_path, scene)


def test_with_keep_messages_they_stay_and_no_agent_reads_them(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str) -> None:
        (source,) = await said(house, ann, room, SAID)
        (item,) = (await ann.got("GET", "/me/profile"))["items"]
        gone = await ann.got("POST", "/me/forget", {"item": item["id"], "keep_messages": True})
        assert (gone["items"], gone["messages"]) == (1, 0)
        assert SECRET in (await ann.call("GET", f"/rooms/{room}/messages")).text
        assert (await ann.got("GET", "/me/profile"))["items"] == []
        live = await house.parts.rooms.get(room)
        await thought(house, room)
        mind = mind_of(live)
        assert source not in read_by(mind)
        assert SECRET not in (await ann.call("GET", f"/rooms/{room}/runs")).text

    play(tmp_path, scene)


@pytest.mark.parametrize("wrong", [{}, {"item": "a", "everything": True}, {"topic": "a", "room": "b"}])
def test_exactly_one_thing_is_forgotten_at_a_time(tmp_path: Path, wrong: dict[str, Any]) -> None:
    async def scene(house: House, ann: Person, room: str) -> None:
        answer = await ann.call("POST", "/me/forget", wrong)
        assert answer.status_code == 422
        assert "exactly one" in answer.text

    play(tmp_path, scene)


def test_nobody_forgets_for_somebody_else(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str) -> None:
        bob = await house.user("Bob")
        await ann.let_in(room, bob)
        await said(house, ann, room, "I live in Oslo.")
        (item,) = (await ann.got("GET", "/me/profile"))["items"]
        assert (await bob.call("POST", "/me/forget", {"item": item["id"]})).status_code == 404
        gone = await bob.got("POST", "/me/forget", {"room": room})
        assert gone == {"items": 0, "messages": 0, "thoughts": 0, "words": []}
        assert len((await ann.got("GET", "/me/profile"))["items"]) == 1

    play(tmp_path, scene)


def test_consent_holds_from_then_on(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str) -> None:
        await said(house, ann, room, "I live in Oslo.")
        off = {"observe": False, "remember": True, "infer": False}
        assert await ann.got("PUT", "/me/consent", off) == off
        assert await ann.got("GET", "/me/consent") == off
        live = await house.parts.rooms.get(room)
        await mind_of(live).rest()
        before = len((await ann.got("GET", f"/rooms/{room}/runs"))["runs"])
        await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "x", "text": "Mika, I like tea."})
        await asyncio.sleep(0)
        await mind_of(live).rest()
        await house.parts.remembering.read(room, None)
        assert len((await ann.got("GET", f"/rooms/{room}/runs"))["runs"]) == before
        assert read_by(mind_of(live)) == []
        assert [i["text"] for i in (await ann.got("GET", "/me/profile"))["items"]] == ["I live in Oslo."]

    play(tmp_path, scene)


def test_the_export_holds_what_is_kept_and_what_was_written(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str) -> None:
        await said(house, ann, room, "I live in Oslo.", "Nice, is it not?")
        export = await ann.got("GET", "/me/export")
        assert [m["text"] for m in export["messages"]] == ["I live in Oslo.", "Nice, is it not?"]
        assert [i["text"] for i in export["profile"]["items"]] == ["I live in Oslo."]
        assert export["rooms"] == [room]

    play(tmp_path, scene)


def test_who_comes_in_is_told(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str) -> None:
        bob = await house.user("Bob")
        code = (await ann.got("POST", f"/rooms/{room}/invites", {"role": "member"}))["invite"]
        joined = await bob.got("POST", f"/rooms/{room}/members", {"invite": code})
        assert "/me/profile" in joined["notice"]
        assert (await ann.got("GET", f"/rooms/{await ann.room('Alone', agent=None)}"))["notice"] is None

    play(tmp_path, scene)
