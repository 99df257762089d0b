"""What keeps a mind from thinking or speaking: mutes, orders of members, limits that are nearly used up."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.agent import Mind
from app.orders import FREED, HUSHED
from app.protocol import AgentChange, NewAgent
from app.tasks import Tasks
from tests.app.harness import ScriptedEngine
from tests.app.minds import ALWAYS, world

pytestmark = pytest.mark.anyio


async def test_a_muted_agent_does_not_think_and_the_run_says_so(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        until = w.clock.now() + timedelta(hours=1)
        await w.store.agents.change(w.room.id, w.agents[0], AgentChange(mute_until=until), w.clock.now())
        w.mind.changed()
        await w.settle()
        w.room.say(w.room.people[0].id, "Mika, hello?")
        await w.passes(1)
        (run,) = await w.stored()
        assert (run.gate, run.decision.act) == ("muted", "silent")
        assert w.model.history == []


async def test_told_to_be_quiet_it_shows_that_it_heard_and_is_silent_until_then(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        bob = w.room.people[1]
        w.room.say(bob.id, "Mika, be quiet until ten")
        await w.passes(1)
        assert w.room.nods == [(w.agents[0], "m1", HUSHED)]
        ((agent, quiet),) = w.room.hushes
        assert (agent, quiet and (quiet.by, quiet.name, quiet.message)) == (w.agents[0], (bob.id, "Bob", "m1"))
        w.room.say(bob.id, "Mika, what do you think of it?")
        await w.passes(60)
        told, after = [r for r in reversed(await w.stored()) if r.trigger.kind == "addressed"]
        assert told.gate == "Bob told it to be quiet until 2026-01-05 10:00 UTC"
        assert (told.decision.act, told.decision.bound) == ("silent", "hushed")
        assert (after.gate, after.decision.bound) == ("asked to be quiet", "hushed")
        assert w.model.history == []
        await w.passes(30 * 60)
        w.room.say(bob.id, "Mika, and now?")
        await w.passes(1)
        assert w.room.said[-1].author.id == w.agents[0]


async def test_it_may_be_told_to_talk_again(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        ann = w.room.people[0].id
        w.room.say(ann, "quiet for an hour")
        w.room.say(ann, "you can talk again")
        await w.passes(1)
        assert [emoji for _, _, emoji in w.room.nods] == [HUSHED, FREED]
        assert [quiet is None for _, quiet in w.room.hushes] == [False, True]
        w.room.say(ann, "Mika, are you there?")
        await w.passes(1)
        assert w.room.said[-1].author.id == w.agents[0]


async def test_being_told_to_be_quiet_stops_what_it_is_just_writing(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        orders = iter([True])

        def enough() -> None:
            if next(orders, False):
                w.room.say(w.room.people[1].id, "quiet for an hour")

        w.room.on_draft = enough
        w.room.say(w.room.people[0].id, "Mika, tell us of tea")
        await w.passes(60)
        assert len(w.room.said) == 2
        assert {r.trigger.seq: r.outcome for r in await w.stored()} == {1: "superseded", 2: None}


async def test_an_order_that_came_before_the_agents_were_loaded_is_obeyed(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.mind.close()
        tasks = Tasks()
        again = Mind(w.room, ScriptedEngine(model=w.model), w.store, w.clock, tasks)
        w.room.mind = again
        w.room.say(w.room.people[0].id, "Mika, quiet for an hour")
        restarted = replace(w, mind=again)
        await restarted.settle()
        await restarted.passes(60)
        assert [n[2] for n in w.room.nods] == [HUSHED]
        assert w.model.history == []
        await again.close()
        await tasks.close()


async def test_a_limit_that_is_used_up_ends_thinking_and_is_named(tmp_path: Path) -> None:
    policy = ALWAYS.model_copy(update={"tokens_per_day": 200})
    async with world(tmp_path, NewAgent(name="Mika", policy=policy)) as w:
        ann = w.room.people[0].id
        for n in range(6):
            w.room.say(ann, f"Mika, and what of number {n}?")
            await w.passes(5)
        runs = [r for r in reversed(await w.stored()) if r.trigger.kind == "addressed"]
        assert (runs[0].allowance.level, runs[0].decision.act) == ("full", "speak")
        assert (runs[-1].allowance.level, runs[-1].allowance.bound) == ("mute", "tokens_per_day")
        assert (runs[-1].gate, runs[-1].decision.bound) == ("tokens per day used up", "tokens_per_day")
        asked = len(w.model.history)
        await w.passes(24 * 3600)
        assert len(w.model.history) == asked
        w.room.say(ann, "Mika, a new day?")
        await w.passes(1)
        assert w.room.said[-1].author.id == w.agents[0]


async def test_near_its_share_it_thinks_one_quick_thought(tmp_path: Path) -> None:
    policy = ALWAYS.model_copy(update={"talk_share": 0.55})
    async with world(tmp_path, NewAgent(name="Mika", policy=policy)) as w:
        ann, bob = w.room.people[0].id, w.room.people[1].id
        for n in range(3):
            w.room.say(ann, f"Mika, number {n}?")
            await w.passes(1)
        w.model.history.clear()
        w.room.say(bob, "nice weather today")
        await w.passes(2)
        run = (await w.stored())[0]
        assert (run.allowance.level, run.allowance.bound, run.allowance.used) == ("less", "talk_share", 0.7792)
        assert [len(call.prompts) for call in w.model.history if call.method == "propose"] == [1]


async def test_an_agent_that_is_hushed_while_it_thinks_does_not_speak(tmp_path: Path) -> None:
    async with world(tmp_path) as w:

        async def hush() -> None:
            await w.store.agents.change(w.room.id, w.agents[0], AgentChange(mode="shadow"), w.clock.now())

        await hush()
        w.room.say(w.room.people[0].id, "Mika, are you there?")
        w.mind.changed()  # the room tells of the change while the thought about the message is under way
        await w.passes(1)
        (run,) = await w.stored()
        assert (run.decision.act, run.outcome) in {("speak", "superseded"), ("hold", None)}
        assert len(w.room.said) == 1
