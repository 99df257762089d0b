"""What people ask an agent about its memory of them, in a room that is not there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.erasing import Gone, Sharing, Wanted
from app.self_service import SelfService, shown
from memory.consent import Consent
from memory.item import Item
from tests.app.minds import World, world
from tests.app.store.test_items import put
from tests.memory.build import item


@dataclass
class Scene:
    world: World
    service: SelfService
    wanted: list[tuple[str, Wanted]] = field(default_factory=list)
    agreed: list[tuple[str, Consent]] = field(default_factory=list)
    corrected: list[tuple[str, str, str]] = field(default_factory=list)
    shared: list[tuple[Wanted, Sharing]] = field(default_factory=list)
    changed: tuple[Item, ...] = ()

    async def says(self, who: str, text: str, reply_to: str | None = None) -> list[str]:
        """What the agent posts then."""
        member = next(m for m in self.world.room.people if m.name == who)
        message = self.world.room.say(member.id, text, reply_to)
        residents = self.world.mind._residents
        asked = self.service.heard(message, residents)
        before = len(self.world.room.said)
        if asked is not None:
            await self.service.answer(asked, speaks=True)
        return [m.text for m in self.world.room.said[before:]]


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    async with world(folder) as w:
        w.room.mind = None  # nobody thinks about it here
        made: list[Scene] = []

        class Kept:
            async def forget(self, user: str, wanted: Wanted) -> Gone:
                made[0].wanted.append((user, wanted))
                return Gone(2, 1, 0)

            async def agree(self, user: str, consent: Consent) -> None:
                made[0].agreed.append((user, consent))

            async def correct(self, user: str, item: str, text: str) -> None:
                made[0].corrected.append((user, item, text))

            async def share(self, user: str, wanted: Wanted, sharing: Sharing) -> tuple[Item, ...]:
                made[0].shared.append((wanted, sharing))
                return made[0].changed

        made.append(Scene(w, SelfService(w.room, w.store, Kept())))
        yield made[0]


def of(w: World, name: str, text: str, who: int, audience: tuple[int, ...]) -> Item:
    people = w.room.people
    subject = people[who].id
    there = frozenset({subject, *(people[n].id for n in audience)})
    plain = item(name, text, subject=subject, embedding=(1.0, 0.0))
    return replace(plain, room=w.room.id, audience=there)


def test_it_says_what_it_remembers_as_far_as_everybody_here_heard_it(tmp_path: Path) -> None:
    async def go() -> None:
        async with scene(tmp_path) as s:
            w = s.world
            await put(
                w.store,
                of(w, "a", "I live in Oslo.", 0, (1,)),
                of(w, "b", "I am looking for another job.", 0, ()),
                of(w, "c", "I like tea.", 1, (0,)),
            )
            (answer,) = await s.says("Ann", "Mika, what do you know about me?")
            assert "I live in Oslo." in answer
            assert "job" not in answer
            assert "tea" not in answer
            assert w.room.said[-1].reply_to == w.room.said[-2].id

    asyncio.run(go())


def test_that_there_is_more_is_not_said() -> None:
    nothing = shown([])
    one = shown([item("a", "I live in Oslo.")])
    assert nothing.endswith("lets you change it.")
    assert one.endswith("lets you change it.")


def test_forget_that_means_what_they_said_last_or_what_they_answer(tmp_path: Path) -> None:
    async def go() -> None:
        async with scene(tmp_path) as s:
            room = s.world.room
            ann = room.people[0].id
            for text in ("I live in Oslo.", "I am ill."):
                room.say(ann, text)
            await s.says("Bob", "Get well!")
            assert await s.says("Ann", "Mika, forget that.") != []
            assert s.wanted == [(ann, Wanted(messages=("m4", "m2")))]
            await s.says("Ann", "forget that", reply_to="m1")
            assert s.wanted[1] == (ann, Wanted(messages=("m6", "m1")))

    asyncio.run(go())


def test_a_topic_goes_with_the_message_that_names_it(tmp_path: Path) -> None:
    async def go() -> None:
        async with scene(tmp_path) as s:
            ann = s.world.room.people[0].id
            (answer,) = await s.says("Ann", "Mika, forget about my knee")
            assert s.wanted == [(ann, Wanted(topic="my knee")), (ann, Wanted(messages=("m1",)))]
            assert "knee" not in answer
            assert s.world.room.said[-1].reply_to is None, "the message that it would answer is gone"

    asyncio.run(go())


def test_everything_goes_only_when_it_is_said_twice(tmp_path: Path) -> None:
    async def go() -> None:
        async with scene(tmp_path) as s:
            ann = s.world.room.people[0].id
            (warning,) = await s.says("Ann", "Mika, forget everything about me")
            assert s.wanted == []
            assert "forget everything, really" in warning
            await s.says("Ann", "Mika, forget everything, really")
            assert s.wanted == [(ann, Wanted(everything=True))]

    asyncio.run(go())


def test_nobody_is_served_who_did_not_ask_the_agent(tmp_path: Path) -> None:
    async def go() -> None:
        async with scene(tmp_path) as s:
            assert await s.says("Ann", "Bob, what do you know about me?") == []
            assert await s.says("Ann", "forget about the meeting then") == []
            assert await s.says("Mika", "Mika, forget that.") == []
            assert s.wanted == []

    asyncio.run(go())


def test_what_one_lets_it_do_holds_when_one_has_said_it(tmp_path: Path) -> None:
    async def go() -> None:
        async with scene(tmp_path) as s:
            (answer,) = await s.says("Ann", "Mika, stop remembering what I say")
            assert "keep nothing" in answer
            ann = next(m for m in s.world.room.people if m.name == "Ann").id
            assert s.agreed == [(ann, Consent(remember=False))]
            await s.says("Ann", "Mika, you may remember what I say again")
            assert s.agreed[1:] == [(ann, Consent())]

    asyncio.run(go())


def test_taking_it_along_is_pointed_to(tmp_path: Path) -> None:
    async def go() -> None:
        async with scene(tmp_path) as s:
            (answer,) = await s.says("Ann", "Mika, how do I export my data?")
            assert "/me/export" in answer

    asyncio.run(go())


def test_a_value_is_put_right_where_the_agent_named_it_or_is_told_that_it_is_wrong(tmp_path: Path) -> None:
    async def go() -> None:
        async with scene(tmp_path) as s:
            w = s.world
            ann, mika = w.room.people[0].id, next(r.id for r in w.mind._residents)
            await put(w.store, of(w, "a", "I live in Bergen.", 0, (1,)), of(w, "b", "I work at a bank.", 0, ()))
            assert await s.says("Ann", "No, I moved to Oslo.") == [], "nobody said where she lives"
            w.room.say(mika, "You live in Bergen, don't you?")
            (answer,) = await s.says("Ann", "Mika, no, I moved to Oslo.")
            assert "I live in Bergen." in answer
            assert s.corrected == [(ann, "a", "I moved to Oslo.")]
            w.room.say(mika, "You like tea, don't you?")
            assert await s.says("Ann", "Mika, no, I live in Oslo.") == [], "that answers something else"
            (answer,) = await s.says("Ann", "Mika, that's wrong: I work at the harbour.")
            assert "bank" not in answer, "Bob was not there"
            assert s.corrected[1:] == []

    asyncio.run(go())


def test_who_may_hear_it_is_changed_by_name_or_for_all(tmp_path: Path) -> None:
    async def go() -> None:
        async with scene(tmp_path) as s:
            w = s.world
            here = frozenset(m.id for m in w.room.people if m.role != "agent")
            await s.says("Ann", "I moved to Oslo.")
            own = w.room.said[-1].id
            s.changed = (replace(of(w, "a", "I moved to Oslo.", 0, ()), public=True), of(w, "b", "I am ill.", 0, ()))
            (answer,) = await s.says("Ann", "Mika, you may tell the others that I moved to Oslo.")
            assert "I moved to Oslo." in answer
            assert "ill" not in answer, "not everybody here may hear it"
            assert s.shared[-1] == (Wanted(topic="I moved to Oslo"), Sharing(widens=True, here=here))
            await s.says("Ann", "Mika, keep that between us", reply_to=own)
            assert s.shared[-1] == (Wanted(messages=(own,)), Sharing(widens=False, here=here))
            (answer,) = await s.says("Ann", "Mika, don't tell Zoe about my knee")
            assert "nobody of the name of Zoe" in answer
            assert len(s.shared) == 2

    asyncio.run(go())
