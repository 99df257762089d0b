"""Boosted trees."""

import numpy as np

from conversation.places import told_apart
from evals.structure import Tree
from training.structure import boost

RNG = np.random.default_rng(0)
ROWS = RNG.uniform(0, 1, (4_000, 12))
SPOKE = (RNG.random(4_000) < np.where((ROWS[:, 3] > 0.5) == (ROWS[:, 7] > 0.5), 0.5, 0.05)).astype(float)


def test_trees_find_what_no_feature_tells_alone() -> None:
    trees = [Tree(tuple(f), tuple(t), tuple(v)) for f, t, v in boost(ROWS, SPOKE)]
    scores = [sum(tree.value(row) for tree in trees) for row in ROWS[:800].tolist()]
    came = [s for s, y in zip(scores, SPOKE[:800], strict=True) if y]
    did_not = [s for s, y in zip(scores, SPOKE[:800], strict=True) if not y]
    assert told_apart(came, did_not) > 0.75
