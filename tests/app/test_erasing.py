"""What is meant when somebody has something forgotten. That nothing is left of it: tests/app/api/test_profile.py."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from app.erasing import Eraser, Sharing, Wanted
from app.errors import BadInput, NotFound
from conversation.message import Author
from tests.app.harness import House, Person, served
from tests.app.store.opened import NOW
from tests.app.store.test_items import put, said

Scene = Callable[[House, Person, str, Eraser], Awaitable[None]]


def play(tmp_path: Path, scene: Scene) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            parts = house.parts
            await scene(
                house,
                ann,
                await ann.room("Den", agent=None),
                Eraser(parts.store, parts.rooms, parts.engine.embedder, parts.clock),
            )

    asyncio.run(go())


async def texts(house: House, room: str) -> list[str]:
    return [m.text for m in await house.parts.store.messages.recent_messages(room, 50)]


async def posted(house: House, ann: Person, room: str, text: str, item: str | None = None) -> str:
    """A message of Ann's, and the item that came of it."""
    store = house.parts.store
    message = (await store.messages.post(room, Author(ann.id, "Ann", "human"), text, text, None, NOW)).message
    if item is not None:
        (vector,) = await house.parts.engine.embedder.embed([text])
        await put(store, said(room, ann.id, item, text=text, sources=(message.id,), embedding=vector))
    return message.id


def test_a_topic_is_what_names_it_and_what_is_near_to_it(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str, eraser: Eraser) -> None:
        await posted(house, ann, room, "My left knee hurts.", "a")
        await posted(house, ann, room, "my knee", "b")
        await posted(house, ann, room, "I like tea.", "c")
        await posted(house, ann, room, "That knee again?")
        gone = await eraser.forget(ann.id, Wanted(topic="the knee"))
        assert (gone.items, gone.messages) == (2, 3)
        assert await texts(house, room) == ["I like tea."]

    play(tmp_path, scene)


def test_a_room_is_all_that_was_kept_and_written_there(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str, eraser: Eraser) -> None:
        other = await ann.room("Other", agent=None)
        await posted(house, ann, room, "I like tea.", "a")
        await posted(house, ann, room, "Hm.")
        await posted(house, ann, other, "I like rain.", "b")
        gone = await eraser.forget(ann.id, Wanted(room=room))
        assert (gone.items, gone.messages) == (1, 2)
        assert await texts(house, other) == ["I like rain."]

    play(tmp_path, scene)


def test_the_words_of_others_stay(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str, eraser: Eraser) -> None:
        bob = await house.user("Bob")
        await ann.let_in(room, bob)
        await posted(house, ann, room, "I like tea.", "a")
        await bob.got("POST", f"/rooms/{room}/messages", {"client_id": "b", "text": "Ann likes tea!"})
        await eraser.forget(ann.id, Wanted(everything=True))
        assert await texts(house, room) == ["Ann likes tea!"]

    play(tmp_path, scene)


def test_an_agent_that_said_it_again_takes_that_back(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str, eraser: Eraser) -> None:
        source = await posted(house, ann, room, "I'm allergic to walnuts.", "a")
        store, mika = house.parts.store, Author("mika", "Mika", "agent")
        for n, text in enumerate(("I remember of you: “I'm allergic to walnuts.”", "I remember of you: “I like tea.”")):
            await store.messages.post(room, mika, f"memory-{n}", text, source, NOW)
        await eraser.forget(ann.id, Wanted(item="a"))
        assert await texts(house, room) == ["I remember of you: “I like tea.”"]

    play(tmp_path, scene)


def test_rooms_that_the_person_has_left_are_no_exception(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str, eraser: Eraser) -> None:
        bob = await house.user("Bob")
        theirs = await bob.room("Bob's", agent=None)
        await bob.let_in(theirs, ann)
        await posted(house, ann, theirs, "I like tea.", "a")
        await ann.got("DELETE", f"/rooms/{theirs}/members/{ann.id}")
        await eraser.forget(ann.id, Wanted(everything=True))
        assert await texts(house, theirs) == []

    play(tmp_path, scene)


def test_what_is_not_theirs_is_not_found(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str, eraser: Eraser) -> None:
        bob = await house.user("Bob")
        await posted(house, ann, room, "I like tea.", "a")
        for asked in (
            eraser.forget(bob.id, Wanted(item="a")),
            eraser.correct(bob.id, "a", "I like rum."),
            eraser.open_to(bob.id, "a", None),
        ):
            with pytest.raises(NotFound, match="no such item of yours"):
                await asked
        with pytest.raises(BadInput, match="exactly one"):
            await eraser.forget(ann.id, Wanted())

    play(tmp_path, scene)


def test_what_is_opened_must_name_the_topic_and_what_is_kept_back_may_be_near_to_it(tmp_path: Path) -> None:
    async def scene(house: House, ann: Person, room: str, eraser: Eraser) -> None:
        bob = (await house.user("Bob")).id
        await posted(house, ann, room, "My left knee hurts.", "a")
        await posted(house, ann, room, "my knee", "b")
        await posted(house, ann, room, "I like tea.", "c")
        opened = await eraser.share(ann.id, Wanted(topic="my knee"), Sharing(widens=True, people=frozenset({bob})))
        assert "b" in {i.id for i in opened}
        assert {i.audience for i in opened} == {frozenset({ann.id, bob})}
        assert all("knee" in i.text for i in opened)
        everybody = await eraser.share(ann.id, Wanted(topic="tea"), Sharing(widens=True))
        assert [(i.id, i.public) for i in everybody] == [("c", True)]
        assert await eraser.share(ann.id, Wanted(topic="tea"), Sharing(widens=True)) == ()
        await eraser.share(ann.id, Wanted(topic="my knee"), Sharing(widens=False, people=frozenset({bob})))
        await eraser.share(ann.id, Wanted(topic="tea"), Sharing(widens=False, here=frozenset({ann.id})))
        kept = await house.parts.store.items.of_subject(ann.id)
        assert {i.audience for i in kept} == {frozenset({ann.id})}
        assert not any(i.public for i in kept)

    play(tmp_path, scene)
