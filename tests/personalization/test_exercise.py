"""Exercise: the rule, its chances, and the figures that follow from the specification."""

import itertools
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.exercise import MATTER, PLANS, plan, plan_chances
from personalization.space import space_for

SPACE = space_for("exercise")
PRIOR = {name: SPACE.dimension(name).prior for name in MATTER}


def test_twenty_attributes_of_which_five_matter() -> None:
    assert len(SPACE.dimensions) == 20
    assert SPACE.dimension("injured").prior[0] == pytest.approx(0.2 + 0.8 * 0.1)


@given(st.lists(st.sampled_from(["yes", "no"]), min_size=5, max_size=5))
def test_whoever_is_known_has_one_plan(values: list[str]) -> None:
    traits = dict(zip(MATTER, values, strict=True))
    known = {name: (1.0, 0.0) if v == "yes" else (0.0, 1.0) for name, v in traits.items()}
    chances = plan_chances(known)
    assert chances[plan(traits) - 1] == 1
    assert sum(chances) == 1


def test_the_chances_sum_over_the_people() -> None:
    found = [0.0] * PLANS
    for values in itertools.product(("yes", "no"), repeat=5):
        chance = 1.0
        for name, value in zip(MATTER, values, strict=True):
            chance *= PRIOR[name][value == "no"]
        found[plan(dict(zip(MATTER, values, strict=True))) - 1] += chance
    assert plan_chances(PRIOR) == pytest.approx(found)
    assert max(found) == pytest.approx(0.1728)  # a blind guess


@cache
def _questions(known: tuple[tuple[str, bool], ...]) -> float:
    """The least expected number of questions until one plan is left."""
    beliefs = PRIOR | {n: (1.0, 0.0) if yes else (0.0, 1.0) for n, yes in known}
    if max(plan_chances(beliefs)) == 1:
        return 0.0
    open_names = [n for n in MATTER if n not in dict(known)]
    return min(
        1 + sum(PRIOR[n][not yes] * _questions(tuple(sorted((*known, (n, yes))))) for yes in (True, False))
        for n in open_names
    )


def test_certainty_needs_3_27_questions_at_best() -> None:
    assert _questions(()) == pytest.approx(3.273, abs=0.001)
