"""What the next process finds of a mind that ended: messages to think about, words to say, and a fence."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.agent import Mind
from app.protocol import NewAgent
from app.tasks import Tasks
from app.unfinished import reply_key
from conversation.member import Member
from conversation.moment import Trigger
from tests.app.harness import ScriptedEngine
from tests.app.minds import NEVER, reborn, world
from tests.app.store.opened import a_run

pytestmark = pytest.mark.anyio


async def test_after_a_restart_a_fresh_message_is_thought_about_once(tmp_path: Path) -> None:
    async with world(tmp_path, NewAgent(name="Mika", policy=NEVER)) as w:
        seq = (await w.kept("is anybody there?")).seq
        tasks = Tasks()
        again = Mind(w.room, ScriptedEngine(model=w.model), w.store, w.clock, tasks)
        restarted = replace(w, mind=again)
        await restarted.settle()
        await restarted.passes(5)
        assert [r.trigger.seq for r in await w.stored()] == [seq]
        third = Mind(w.room, ScriptedEngine(model=w.model), w.store, w.clock, tasks)
        await replace(w, mind=third).settle()
        await replace(w, mind=third).passes(1)
        assert [r.trigger.seq for r in await w.stored()] == [seq]
        assert await w.store.outbox.pending(w.room.id) == ()
        await again.close()
        await third.close()
        await tasks.close()


async def test_after_a_long_absence_it_is_dropped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with world(tmp_path) as w:
        await w.kept("is anybody there?")
        w.clock.advance(180)
        async with reborn(w) as again:
            await again.passes(5)
            assert await w.stored() == ()
            assert await w.store.outbox.pending(w.room.id) == ()
    assert "1 messages are too old" in caplog.text


async def test_what_was_decided_and_not_said_is_said_by_the_next_process_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.room.people = tuple(replace(p, id=w.agents[0]) if p.role == "agent" else p for p in w.room.people)
        act = w.mind._act

        async def dies(*given: Any) -> None:
            raise asyncio.CancelledError

        w.mind._act = dies  # type: ignore[method-assign, assignment]
        message = await w.kept("what tea shall we drink today?")
        w.mind.heard(message)
        await w.passes(2)
        (run,) = await w.stored()
        assert (run.decision.act, run.outcome) == ("speak", None)
        assert [p.seq for p in await w.store.outbox.pending(w.room.id)] == [message.seq]
        w.mind._act = act  # type: ignore[method-assign]
        async with reborn(w) as again:
            await again.passes(2)
            (run,) = await w.stored()
            assert run.outcome == "said"
            assert len(w.room.said) == 2
        async with reborn(w) as third:
            await third.passes(2)
            assert len(await w.stored()) == 1


async def test_what_was_said_before_its_run_knew_is_not_said_again(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        author = Member(w.agents[0], "Mika", "agent").as_author()
        key = reply_key(Trigger("message", 2))
        said = await w.store.messages.post(w.room.id, author, key, "Sencha.", None, w.clock.now())
        run = a_run(w.room.id, w.agents[0], 2, act="speak").model_copy(update={"at": w.clock.now()})
        await w.store.runs.save_run(run)
        async with reborn(w) as again:
            await again.passes(2)
            (stored,) = await w.stored()
            assert (stored.outcome, stored.message) == ("said", said.message.id)
            assert w.room.said == []


async def test_who_lost_the_room_writes_nothing_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with world(tmp_path) as w:
        w.room.fence = await w.store.owners.claim(w.room.id, "one", alone=True)
        async with reborn(w) as mine:
            message = await w.kept("what tea shall we drink today?")
            await w.store.owners.claim(w.room.id, "two", alone=True)
            mine.mind.heard(message)
            await mine.passes(2)
            assert await w.stored() == ()
            assert [p.seq for p in await w.store.outbox.pending(w.room.id)] == [message.seq]
    assert "for nothing" in caplog.text
