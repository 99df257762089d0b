"""What the measurement of Exercise counts, and how its policies choose."""

import random

import pytest

from evals.exercise import POLICIES, best_plan, figures, settle, trusted
from personalization.person import draw
from personalization.space import space_for
from personalization.talk import AskingTalk, exercise_task

SPACE = space_for("exercise")
TASK = exercise_task(SPACE)


def _told(policy: str, users: int) -> list[AskingTalk]:
    """Answers that are known for certain."""
    rng = random.Random(0)
    talks = [AskingTalk(TASK, draw(SPACE, rng)) for _ in range(users)]
    while live := [t for t in talks if not t.done]:
        for talk, act in zip(live, POLICIES[policy](live, rng), strict=True):
            asked = talk.step(act, rng)
            if asked is not None:
                sure = dict.fromkeys(TASK.matter, (1.0, 1.0))
                if asked in sure:
                    sure[asked] = (1.0, 1e-9) if talk.traits[asked] == "yes" else (1e-9, 1.0)
                talk.hear(sure)
    return talks


@pytest.mark.parametrize("policy", ["careful", "greedy", "planned"])
def test_who_hears_the_truth_finds_the_plan(policy: str) -> None:
    found = figures(_told(policy, 150))
    assert isinstance(found["success"], float)
    assert found["success"] > 0.93


def test_chance_finds_little() -> None:
    found = figures(_told("random", 150))
    assert isinstance(found["success"], float)
    assert found["success"] < 0.6
    assert found["questions"] == 5


def test_the_figures_are_counted_by_type() -> None:
    talks = _told("careful", 60)
    found = figures(talks)
    per_type = found["per_type"]
    assert isinstance(per_type, dict)
    assert found["worst"] == min(per_type.values())
    assert set(per_type) == {TASK.kinds[t.truth] for t in talks}


def test_who_trusts_believes_what_was_said_last_and_however_faintly() -> None:
    talk = AskingTalk(TASK, draw(SPACE, random.Random(0)))
    settle(talk, {"injured": (1.0, 0.9), "outdoor": (1.0, 1.0)})
    assert talk.beliefs["injured"][0] > 0.99
    assert talk.beliefs["outdoor"] == SPACE.dimension("outdoor").prior
    settle(talk, {"injured": (0.9, 1.0)})
    assert talk.beliefs["injured"][0] < 0.01


def test_greedy_takes_the_likelier_for_certain() -> None:
    read = trusted({"a": (0.9, 0.1), "b": (0.5, 0.45)})
    assert read["a"][0] / read["a"][1] > 1e5
    assert read["b"] == (1.0, 1.0)


def test_the_best_plan_asks_as_little_as_can_be() -> None:
    questions, first = best_plan((None,) * 5)
    assert (round(questions, 2), first) == (3.27, "injured")
    assert best_plan((1.0, 0.0, None, None, None)) == (0.0, "")
    found = figures(_told("planned", 400))
    assert isinstance(found["questions"], float)
    assert found["questions"] == pytest.approx(3.27, abs=0.15)
    assert found["success"] == 1
