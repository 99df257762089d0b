"""Boosted trees."""

import numpy as np
import pytest

from conversation.places import told_apart
from heuristics.forest import Tree
from training.boosting import Grown, boost, leafwise

RNG = np.random.default_rng(0)
ROWS = RNG.uniform(0, 1, (4_000, 12))
CHANCE = np.where((ROWS[:, 3] > 0.5) == (ROWS[:, 7] > 0.5), 0.5, 0.05)
SPOKE = (RNG.random(4_000) < CHANCE).astype(float)


def told(grown: list[Grown]) -> list[float]:
    trees = [Tree(tuple(f), tuple(t), tuple(v)) for f, t, v in grown]
    return [sum(tree.value(row) for tree in trees) for row in ROWS[:800].tolist()]


@pytest.mark.parametrize(
    "grown",
    [boost(ROWS, SPOKE, 60, 0.1), boost(ROWS, SPOKE, 60, 0.1, part=0.6), leafwise(ROWS, SPOKE, 60, 0.1)],
    ids=["all", "part", "leafwise"],
)
def test_trees_find_what_no_feature_tells_alone(grown: list[Grown]) -> None:
    scores = told(grown)
    came = [s for s, y in zip(scores, SPOKE[:800], strict=True) if y]
    did_not = [s for s, y in zip(scores, SPOKE[:800], strict=True) if not y]
    assert told_apart(came, did_not) > 0.75


def test_what_is_known_already_is_not_learned_again() -> None:
    known = np.log(CHANCE / (1 - CHANCE))
    assert np.std(told(boost(ROWS, SPOKE, 30, 0.1, known=known))) < 0.3
    assert np.std(told(boost(ROWS, SPOKE, 30, 0.1))) > 0.6


def test_of_how_often_anybody_spoke_trees_by_leaves_know_from_the_first() -> None:
    scores = told(leafwise(ROWS, SPOKE, 5, 0.05))
    assert np.mean(scores) == pytest.approx(np.log(SPOKE.mean() / (1 - SPOKE.mean())), abs=0.1)
    assert np.std(scores) < 0.5
