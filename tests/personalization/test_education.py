"""Lessons with simulated students."""

import random

import pytest

from personalization.education import ACTS, FITTING, PIECES, TURNS, Lesson, reply
from personalization.person import PLAIN
from personalization.phrasing import phrasing_for
from personalization.space import space_for

STYLE = space_for("education").dimension("style")


def _taught(acts: list[str], style: str = "stories", seed: int = 0) -> Lesson:
    lesson, rng = Lesson(STYLE, style), random.Random(seed)
    for act in acts:
        lesson.step(ACTS.index(act), rng)
    return lesson


def test_what_fits_is_understood_more_often() -> None:
    def understood(act: str) -> float:
        return sum(_taught([act], seed=s).understood for s in range(500)) / 500

    assert understood("story") == pytest.approx(FITTING, abs=0.05)
    assert understood("practice") < 0.6


def test_success_is_teaching_in_the_students_style() -> None:
    assert _taught(["story"] * 4).outcome().success
    assert not _taught(["story", "practice"]).outcome().success
    assert not _taught(["ask", "close"]).outcome().success


def test_a_lesson_ends_when_closed_or_at_the_tenth_turn() -> None:
    assert _taught(["story", "close"]).done
    assert not _taught(["check"] * (TURNS - 1)).done
    assert _taught(["check"] * TURNS).done


def test_dragging_on_and_asking_again_cost() -> None:
    short, long = _taught(["story"] * 6), _taught(["story"] * 6 + ["check"] * 4)
    assert short.understood == long.understood == PIECES
    assert long.outcome().quality < short.outcome().quality - 0.2


def test_a_leading_question_is_answered_to_please() -> None:
    rng, words = random.Random(0), phrasing_for("education")
    agreed = [reply("lead", "stories", PLAIN, words, rng) for _ in range(300)]
    assert all(s.about == ("style",) for s in agreed)
    told = [reply("story", "stories", PLAIN, words, rng).about for _ in range(300)]
    assert sum(bool(a) for a in told) / 300 == pytest.approx(0.5, abs=0.08)


def test_what_is_seen_has_one_length() -> None:
    assert len({len(_taught(["story"] * n).features()) for n in range(5)}) == 1
