"""How many answers until a taste is known, on replies whose numbers are their ways."""

import random

import numpy as np

from evals.factors import curve, reached
from personalization import tastes
from personalization.tastes import ATTRIBUTES, pairs, replies, words_for_training


def test_answers_chosen_well_teach_at_least_as_much_as_chance() -> None:
    rng = random.Random(0)
    written = replies(words_for_training(), 120, rng)
    asked, tests = pairs(written, 60, rng), pairs(written, 60, rng)
    features = {r.text: np.array([dict(r.ways).get(a, 0) for a in ATTRIBUTES], dtype=float) for r in written}
    everybody = tastes.tasters()
    active, chance = (
        curve(asked, tests, features, 0, active=a, people=everybody[::14], most=15) for a in (True, False)
    )
    assert len(active) == 16
    assert active[0] == 0.5
    assert active[15] > 0.9
    assert np.mean(active) > np.mean(chance) - 0.02


def test_a_target_counts_when_it_is_kept() -> None:
    assert reached([0.5, 0.92, 0.8, 0.91, 0.93]) == 3
    assert reached([0.5, 0.8]) is None
