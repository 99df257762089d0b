"""The hunch: trees over what the maps leave."""

import numpy as np
import pytest

from heuristics.facts import COUNTED
from heuristics.forest import parse, written
from training.hunch import grow, hunches, rows

RNG = np.random.default_rng(0)
COUNT = 8_000
TURNS, OWED = RNG.uniform(0, 10, COUNT), RNG.uniform(0, 1, COUNT)
BOTH = (TURNS > 5) & (OWED > 0.5)
CHANCE = np.where(BOTH, 0.6, 0.1)
SPOKE = (RNG.random(COUNT) < CHANCE).astype(float)
FACTS = {name: np.full(COUNT, np.nan) for name in COUNTED} | {
    "turns": TURNS,
    "owed": np.where(RNG.random(COUNT) < 0.05, np.nan, OWED),
}
FOREST = parse(written(COUNTED, grow(FACTS, SPOKE)))


def test_it_tells_what_two_facts_say_together_and_neither_alone() -> None:
    found = hunches(FOREST, FACTS)
    assert found[BOTH].mean() > found[~BOTH].mean() + 0.2


def test_it_is_the_same_of_all_at_once_as_of_one() -> None:
    found = hunches(FOREST, FACTS)
    for i in range(20):
        there = {name: values[i] for name, values in FACTS.items() if not np.isnan(values[i])}
        assert FOREST.of(there) == pytest.approx(found[i])


def test_rows_have_no_gaps() -> None:
    assert not np.isnan(rows(FACTS)).any()
