"""Runs are kept once, whole, and shown to those who watch."""

from pathlib import Path

import pytest

from app.frames import DecisionEvent, ThoughtEvent
from app.protocol import NewAgent
from app.records import Records, unthought
from app.resident import Resident
from app.thought_views import policy_of
from conversation.moment import Moment, Trigger
from heuristics.calibration import calibration_for
from tests.app.minds import NEVER, world
from thoughts.trigger import Stop

pytestmark = pytest.mark.anyio


async def test_a_run_is_kept_once_and_shown_once(tmp_path: Path) -> None:
    async with world(tmp_path, NewAgent(name="Mika", policy=NEVER)) as w:
        w.room.say(w.room.people[0].id, "good night everybody")
        await w.passes(2)
        (agent,) = await w.store.agents.of_room(w.room.id)
        resident = Resident(agent, policy_of(agent))
        records = Records(w.room, w.store, "scripted", calibration_for("scripted"))
        me = next(m for m in w.room.members() if m.id == agent.id)
        moment = Moment(
            w.room.id,
            me,
            w.room.members(),
            w.room.transcript(),
            w.room.floor(),
            Trigger("pause", 1, 7),
            w.clock.now(),
            None,
        )
        run = unthought("r7", moment, Stop("it was told to wait", "hushed"))
        w.room.to_watchers.clear()
        assert await records.keep(resident, run)
        assert not await records.keep(resident, unthought("r8", moment, Stop("again")))
        (shown,) = w.room.to_watchers
        assert isinstance(shown, DecisionEvent)
        assert (shown.run.id, shown.run.decision.bound, shown.run.gate) == ("r7", "hushed", "it was told to wait")
        assert next(r.id for r in await w.stored()) == "r7"


async def test_a_thought_is_shown_with_its_run(tmp_path: Path) -> None:
    async with world(tmp_path, NewAgent(name="Mika", policy=NEVER)) as w:
        w.room.say(w.room.people[0].id, "What tea shall we drink today?")
        await w.passes(2)
        (run,) = await w.stored()
        shown = [f for f in w.room.to_watchers if isinstance(f, ThoughtEvent)]
        assert {f.run for f in shown} == {run.id}
        assert {f.thought.id for f in shown} == {t.id for t in run.thoughts}
