"""Looking ahead: what is worth asking, when to act, and what an answer that may be misheard is worth."""

import random

import numpy as np
import pytest

from evals.exercise import best_plan
from personalization.exercise import MATTER
from personalization.person import draw
from personalization.planning import Ears, Planner, planner, wary
from personalization.space import space_for
from personalization.talk import ACT, AskingTalk, exercise_task

SPACE = space_for("exercise")
TASK = exercise_task(SPACE)
PRIOR = {name: SPACE.dimension(name).prior for name in MATTER}


@pytest.fixture(scope="module")
def plan() -> Planner:
    return planner(TASK, Ears(0.93, 0.02), 0.03)


def _played(plan: Planner, people: int, likelihood: float) -> list[AskingTalk]:
    """Talks with people whose answers are true and heard as `likelihood` times likelier."""
    rng = random.Random(0)
    talks = [AskingTalk(TASK, draw(SPACE, rng)) for _ in range(people)]
    for talk in talks:
        while not talk.done:
            question = plan.question(talk.beliefs, TASK.turns - 1 - talk.turn)
            asked = talk.step(talk.acts.index(question or ACT), rng)
            if asked is not None:
                own = (likelihood, 1.0) if talk.traits[asked] == "yes" else (1.0, likelihood)
                talk.hear({name: own if name == asked else (1.0, 1.0) for name in MATTER})
    return talks


def test_with_ears_that_never_err_it_asks_what_the_best_order_asks() -> None:
    assert planner(TASK, Ears(1 - 1e-9, 1e-9), 1e-3).question(PRIOR, 5) == best_plan((None,) * 5)[1]


def test_of_questions_that_are_worth_the_same_it_asks_the_first(plan: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    alike = np.array([0.9, 0.9 + 1e-15, 0.5, 0.5, 0.5])
    monkeypatch.setattr(Planner, "values", lambda self, beliefs, left: alike)
    assert plan.question(PRIOR, 5) == TASK.matter[0]
    assert wary(TASK).question(PRIOR, 5, 0.5) == TASK.matter[0]


def test_it_finds_the_plan_of_who_is_understood_in_few_questions(plan: Planner) -> None:
    talks = _played(plan, 150, 200.0)
    assert sum(t.outcome().success for t in talks) / 150 > 0.95
    assert sum(t.questions for t in talks) / 150 < 3.7


def test_it_acts_on_what_is_sure_and_when_no_turn_is_left(plan: Planner) -> None:
    sure = {**PRIOR, "injured": (0.995, 0.005), "outdoor": (0.995, 0.005)}
    assert plan.question(sure, 5) is None
    assert plan.question(PRIOR, 0) is None


def test_it_asks_again_what_it_doubts(plan: Planner) -> None:
    doubted = {**PRIOR, "injured": (0.995, 0.005), "outdoor": (0.6, 0.4)}
    assert plan.question(doubted, 3) == "outdoor"


def test_what_costs_more_than_it_can_better_is_not_asked() -> None:
    assert planner(TASK, Ears(0.93, 0.02), 1.0).question(PRIOR, 5) is None


def test_more_questions_left_are_never_worth_less(plan: Planner) -> None:
    for few, more in zip(plan.worth, plan.worth[1:], strict=False):
        assert (more >= few - 1e-9).all()
    assert plan.worth[0].max() <= 1


def test_who_is_known_to_answer_plainly_is_not_asked_again_what_they_said() -> None:
    both = wary(TASK)
    heard = {**PRIOR, "injured": (0.03, 0.97), "outdoor": (0.96, 0.04), "introvert": (0.95, 0.05)}
    assert both.question(heard, 2, 0.0) is None
    assert both.question(heard, 2, 1.0) is not None
    assert both.question(PRIOR, 0, 0.5) is None
    assert both.question(PRIOR, 5, 0.5) in MATTER
