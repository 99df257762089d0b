"""From stored labels and runs to what they would change."""

import asyncio

from app.learning import flips, learned
from app.logged import logged
from app.protocol import RunView
from app.store import Store
from app.thought_views import thought_view
from conversation.decision import Decision
from heuristics.calibration import calibration_for
from tests.app.store.opened import a_room, a_run, opened
from tests.app.store.test_labels import label
from tests.conversation.build import ANN, moment, talk, thought
from thoughts.basis import Basis
from thoughts.evaluation import Turn
from thoughts.footing import footing
from thoughts.participation import decide
from thoughts.policy import Policy
from thoughts.refit import NEEDED

CALIBRATION = calibration_for("default")
POLICY = Policy(im_threshold=3.0, system1_prob=0.0)


def decided(room: str, seq: int, drive: float) -> RunView:
    """A run of agent `aside` with one thought."""
    basis = Basis(footing(moment(talk(ANN))), Turn({"anyone": 1.0}, None), POLICY)
    one = thought(f"{room}{seq}", motivation=drive)
    made: Decision = decide(basis.footing, [one], basis.turn, POLICY, CALIBRATION, 7)
    plain = a_run(room, "aside", seq, act=made.act)
    view = plain.decision.model_copy(
        update={
            "thought": made.thought,
            "bar": made.bar,
            "branch": made.branch,
            "reason": made.reason,
            "bound": made.bound,
        }
    )
    return plain.model_copy(
        update={"thoughts": [thought_view(one)], "decision": view, "basis": basis, "calibration": CALIBRATION.name}
    )


async def complaints(store: Store, room: str, many: int) -> list[RunView]:
    runs = [decided(room, seq, 3.05 + seq / 100) for seq in range(1, many + 1)]
    for run in runs:
        await store.runs.save_run(run)
        await store.labels.put(label(room, "ann", "too_much", run=run.id, agent="aside"))
    return runs


def test_complaints_raise_the_bar_and_the_log_shows_what_that_would_have_changed(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store)
            runs = await complaints(store, room, NEEDED)
            assert logged(runs[0]).basis == runs[0].basis
            found, count = await learned(store, room, "aside")
            assert found is not None
            assert (count, found.before) == (NEEDED, 0)
            assert found.offset > 0.1
            again = await flips(store, room, "aside", found.offset, CALIBRATION)
            assert (again.runs, again.speak_before) == (NEEDED, NEEDED)
            assert again.speak_after == NEEDED - len(again.flipped) < NEEDED
            same = await flips(store, room, "aside", 0.0, CALIBRATION)
            assert (same.flipped, same.speak_after) == ([], NEEDED)

    asyncio.run(go())


def test_labels_about_another_agent_teach_this_one_nothing(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store)
            await complaints(store, room, NEEDED)
            assert await learned(store, room, "other") == (None, 0)

    asyncio.run(go())
