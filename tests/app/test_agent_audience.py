"""What a mind makes of what it remembers, as people come and go: before whom it thinks it, keeps it, shows it and says it."""

import asyncio
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.frames import DecisionEvent, ThoughtEvent
from app.protocol import NewAgent
from conversation.member import Member
from conversation.thought import Thought
from inference.scripted import ScriptedEmbedder
from memory.consent import Consent
from memory.item import Item
from tests.app.minds import ALWAYS, NEVER, World, world
from tests.app.store.test_items import put
from tests.memory.build import item

SECRET = "wxyzzy"
CAT = Member("cat", "Cat", "owner")
SILENT = NewAgent(name="Mika", policy=NEVER)


async def remembered(w: World, *audience: str) -> Item:
    """Of Ann, said in another room before her and `audience`."""
    ann, text = w.room.people[0].id, f"I keep a {SECRET} in the cellar."
    (vector,) = await ScriptedEmbedder().embed([text])
    elsewhere = await w.store.rooms.create("Elsewhere", ann, None, w.clock.now())
    made = replace(item("secret", text, subject=ann, audience=audience, embedding=vector), room=elsewhere)
    await put(w.store, made)
    return made


async def asked(w: World, text: str = "Who keeps a thing in the cellar?") -> str:
    """All that the model read when Bob asked about it, or said `text`."""
    before = len(w.model.history)
    w.room.say(next(p.id for p in w.room.people if p.name == "Bob"), text)
    await w.passes(2)
    return "".join(part.text for call in w.model.history[before:] for prompt in call.prompts for part in prompt)


def comes(w: World, member: Member) -> None:
    w.room.people = (*w.room.people, member)
    w.mind.changed()


def shown(w: World) -> str:
    return "".join(f.model_dump_json() for f in w.room.to_watchers if isinstance(f, (DecisionEvent, ThoughtEvent)))


def test_an_item_is_read_as_long_as_everybody_heard_it(tmp_path: Path) -> None:
    async def go() -> None:
        async with world(tmp_path, SILENT) as w:
            ann, bob = w.room.people[0], w.room.people[1]
            await remembered(w, bob.id)
            assert f"Ann said on 2026-03-01: I keep a {SECRET}" in await asked(w)
            comes(w, CAT)
            await w.settle()
            assert SECRET not in await asked(w)
            w.room.people = tuple(p for p in w.room.people if p != CAT)
            w.mind.changed()
            await w.settle()
            assert SECRET in await asked(w)
            w.room.people = tuple(p for p in w.room.people if p != ann)
            w.mind.changed()
            await w.settle()
            assert SECRET in await asked(w), "Bob heard it too"

    asyncio.run(go())


def test_what_was_said_to_the_agent_alone_stays_there(tmp_path: Path) -> None:
    async def go() -> None:
        async with world(tmp_path, SILENT) as w:
            await remembered(w)
            assert SECRET not in await asked(w)
            w.room.people = tuple(p for p in w.room.people if p.name != "Bob")
            w.mind.changed()
            await w.settle()
            w.room.say(w.room.people[0].id, "Who keeps a thing in the cellar?")
            await w.passes(2)
            assert SECRET in shown(w)

    asyncio.run(go())


def test_a_join_cuts_what_is_thought_with_it(tmp_path: Path) -> None:
    async def go() -> None:
        async with world(tmp_path, SILENT) as w:
            await remembered(w, w.room.people[1].id)
            propose = w.model.propose
            prompts: list[str] = []

            async def slow(*given: object, **more: object) -> object:
                prompts.append(repr(given[0]))
                if len(prompts) == 1:
                    comes(w, CAT)
                    await asyncio.sleep(60)  # cut short, never slept out
                return await propose(*given, **more)  # type: ignore[arg-type]

            w.model.propose = slow  # type: ignore[method-assign, assignment]
            w.room.say(w.room.people[1].id, "Who keeps a thing in the cellar?")
            await w.passes(2)
            assert [SECRET in p for p in prompts] == [True, False]
            assert SECRET not in shown(w)
            assert SECRET not in (await w.stored())[0].model_dump_json()

    asyncio.run(go())


def test_a_held_thought_waits_until_everybody_may_hear_it(tmp_path: Path) -> None:
    async def go() -> None:
        async with world(tmp_path, SILENT) as w:
            ann, bob = w.room.people[0].id, w.room.people[1].id
            text = f"I wonder about the {SECRET} in the cellar."
            (vector,) = await ScriptedEmbedder().embed([text])
            heard = frozenset({ann, bob})
            kept = Thought(
                "t1", w.agents[0], "system2", text, ("x",), 1, w.clock.now(), embedding=vector, audience=heard
            )
            await w.store.thoughts.save_thoughts(w.room.id, [kept])
            comes(w, CAT)
            await w.settle()
            assert SECRET not in await asked(w, "I keep a thing in the cellar too.")
            stored = await w.store.thoughts.get(w.room.id, "t1")
            assert stored is not None
            assert (stored.state, stored.audience) == ("held", heard)
            w.room.people = tuple(p for p in w.room.people if p != CAT)
            assert SECRET in await asked(w, "I keep a thing in the cellar too.")

    asyncio.run(go())


def test_what_is_made_of_it_is_not_said_once_somebody_has_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        async with world(tmp_path, NewAgent(name="Mika", policy=ALWAYS)) as w:
            await remembered(w, w.room.people[1].id)
            w.model.says = deque(["", f"could ask after the {SECRET}.", ""])
            w.model.replies = deque([f"How is your {SECRET}, Ann?"] * 3)
            stream = w.model.stream

            def meanwhile(*given: Any, **named: Any) -> Any:
                if CAT not in w.room.people:
                    comes(w, CAT)
                return stream(*given, **named)

            monkeypatch.setattr(w.model, "stream", meanwhile)
            await asked(w)
            assert all(SECRET not in m.text for m in w.room.said)
            assert (await w.stored())[0].outcome == "superseded"

    asyncio.run(go())


def test_what_may_not_be_read_any_more_is_not_read_though_no_note_told_of_it(tmp_path: Path) -> None:
    """Another process was told, and this one could not be."""

    async def go() -> None:
        async with world(tmp_path, SILENT) as w:
            ann = w.room.people[0].id
            forgotten = await w.kept(f"I keep a {SECRET} in the cellar.")
            assert SECRET in await asked(w)
            await w.store.erasing.erase([forgotten.id])
            assert SECRET not in await asked(w, "Who keeps it?")
            w.room.say(ann, "There is a quoll in the attic.")
            assert "quoll" in await asked(w, "What was it?")
            await w.store.consents.put(ann, Consent(observe=False), w.clock.now())
            assert "quoll" not in await asked(w, "What was it again?")

    asyncio.run(go())
