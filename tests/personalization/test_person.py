"""Simulated people."""

import random
from collections import Counter

import pytest

from personalization.person import MESSY, PLAIN, Manners, answer, draw, state
from personalization.phrasing import phrased, phrasing_for
from personalization.space import space_for

SPACE, WORDS = space_for("exercise"), phrasing_for("exercise")
OUTDOOR = SPACE.dimension("outdoor")


def _answers(manners: Manners, number: int = 400) -> list[tuple[str, tuple[str, ...]]]:
    rng = random.Random(0)
    traits = {**draw(SPACE, rng), "outdoor": "yes", "injured": "yes"}
    said = [answer(OUTDOOR, traits, manners, WORDS, [SPACE.dimension("injured")], rng) for _ in range(number)]
    return [(s.text, s.about) for s in said]


def test_people_are_drawn_from_the_population() -> None:
    rng = random.Random(0)
    drawn = Counter(draw(SPACE, rng)["low_income"] for _ in range(2_000))
    assert drawn["yes"] / 2_000 == pytest.approx(0.2, abs=0.03)


def test_plain_people_say_yes_or_no_first_and_stay_on_the_point() -> None:
    openings = {phrased(o, random.Random(i)) for o in WORDS.open["yes"] for i in range(600)}
    for text, about in _answers(PLAIN):
        assert about == ("outdoor",)
        assert any(text.startswith(o) for o in openings)


def test_messy_people_are_vague_stray_and_bring_up_more() -> None:
    counts = Counter(about for _, about in _answers(MESSY, 2_000))
    silent = (counts[()] + counts[("injured",)]) / 2_000
    assert silent == pytest.approx(MESSY.vague + MESSY.off, abs=0.03)
    assert (counts[("outdoor", "injured")] + counts[("injured",)]) / 2_000 == pytest.approx(MESSY.also, abs=0.03)


def test_taking_back_ends_with_the_truth_and_an_untruth_does_not() -> None:
    rng = random.Random(0)
    yes = {phrased(p, random.Random(i)) for p in WORDS.of("outdoor", "yes") for i in range(40)}
    bare = Manners(turn=1.0, short=0.0, bare=1.0)
    for _ in range(30):
        text = answer(OUTDOOR, {"outdoor": "yes"}, bare, WORDS, (), rng).text
        assert any(text.endswith(p) for p in yes)
    lied = answer(OUTDOOR, {"outdoor": "yes"}, Manners(untrue=1.0, short=0.0, bare=1.0), WORDS, (), rng)
    assert lied.text not in yes
    assert lied.about == ("outdoor",)


def test_where_no_word_will_do_a_sentence_is_said() -> None:
    length, words = space_for("preferences").dimension("length"), phrasing_for("preferences")
    assert state(length, "short", Manners(short=1.0), words, random.Random(0))


def test_the_same_seed_says_the_same() -> None:
    assert _answers(MESSY) == _answers(MESSY)
