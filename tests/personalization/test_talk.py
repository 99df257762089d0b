"""Talks with simulated people."""

import random

import pytest

from personalization.person import draw
from personalization.space import space_for
from personalization.talk import FORM, AskingTalk, exercise_task, foreseen, preferences_task

SPACE = space_for("exercise")
TASK = exercise_task(SPACE)
TRAITS = {**draw(SPACE, random.Random(0)), "injured": "yes", "outdoor": "no"}


def _heard(**likelihoods: tuple[float, float]) -> dict[str, tuple[float, float]]:
    return {name: likelihoods.get(name, (1.0, 1.0)) for name in TASK.matter}


def test_a_talk_begins_with_the_population() -> None:
    talk = AskingTalk(TASK, TRAITS)
    assert max(talk.belief()) == pytest.approx(0.1728)
    assert len(talk.features()) == 5 + 2 * 5 + 20 + 8 + 3
    assert (talk.truth, talk.turn, talk.done) == (1, 0, False)


def test_answers_move_the_belief_and_the_act_ends_the_talk() -> None:
    talk, rng = AskingTalk(TASK, TRAITS), random.Random(0)
    assert talk.step(talk.acts.index("injured"), rng) == "injured"
    talk.hear(_heard(injured=(1.0, 0.01)))
    assert talk.step(talk.acts.index("outdoor"), rng) == "outdoor"
    talk.hear(_heard(outdoor=(0.01, 1.0)))
    assert max(talk.belief()) == talk.belief()[1] > 0.7
    assert talk.step(len(talk.acts) - 1, rng) is None
    assert (talk.done, talk.outcome().success, talk.questions, talk.turn) == (True, True, 2, 3)


def test_the_last_turn_is_the_act_whatever_is_chosen() -> None:
    talk, rng = AskingTalk(TASK, TRAITS), random.Random(0)
    for _ in range(5):
        assert talk.step(0, rng) is not None
        talk.hear(_heard())
    assert talk.step(0, rng) is None
    assert (talk.done, talk.questions) == (True, 5)


def test_whether_anything_was_told_is_seen() -> None:
    talk, rng = AskingTalk(TASK, TRAITS), random.Random(0)
    talk.step(0, rng)
    talk.hear(_heard())
    assert talk.features()[-1] == 0
    talk.hear(_heard(outdoor=(0.1, 1.0)))
    assert talk.features()[-1] == 1


def test_a_form_that_is_partly_right_is_partly_good() -> None:
    task = preferences_task(space_for("preferences"))
    assert len(task.kinds) == 3 * 2 * 2 * 2
    right = task.kinds.index("short-casual-joking-direct")
    assert task.quality(right, right) == 1
    assert task.quality(task.kinds.index("short-formal-joking-gentle"), right) == 0.5
    prior = {name: task.space.dimension(name).prior for name in FORM}
    assert sum(task.chances(prior)) == pytest.approx(1)


def test_what_an_honest_answer_would_tell_is_foreseen() -> None:
    talk = AskingTalk(TASK, TRAITS)
    found = dict(zip(TASK.matter, foreseen(TASK, talk.beliefs), strict=True))
    assert all(gain >= -1e-9 and better >= -1e-9 for gain, better in found.values())
    # The plan tells who likes it outdoors, and who is injured: what is learned is the entropy of these.
    assert found["outdoor"][0] == pytest.approx(0.6730, abs=1e-3)
    assert found["injured"][0] == pytest.approx(0.5930, abs=1e-3)
    talk.beliefs["injured"] = (1.0, 0.0)
    known = dict(zip(TASK.matter, foreseen(TASK, talk.beliefs), strict=True))
    # To who is injured only one thing matters.
    assert known["outdoor"] == pytest.approx((0.6730, 0.4), abs=1e-3)
    assert all(known[name] == pytest.approx((0, 0)) for name in TASK.matter if name != "outdoor")


def test_a_question_that_comes_again_comes_in_other_words() -> None:
    talk, rng = AskingTalk(TASK, TRAITS), random.Random(0)
    put = []
    for _ in range(3):
        talk.step(talk.acts.index("outdoor"), rng)
        put.append(talk.question)
    assert put[0] == SPACE.dimension("outdoor").ask
    assert len(set(put)) == 3
