import json

import numpy as np

from conversation.asked import KINDS
from training.asking import crossed, measured, reading, rows
from training.asking import fitted as fit


def test_ways_of_claiming_are_filled_and_each_row_says_what_it_is() -> None:
    made = rows(0)
    assert not any("{" in r.text for r in made)
    assert {r.part for r in made if r.impersonal} >= {"world", "claims in claim_ways", "deeds in deed_ways"}
    assert {r.part for r in made if not r.impersonal} >= {"personal", "other", "moments", "ours in claim_ways"}


def test_nothing_is_judged_by_a_fit_that_saw_how_it_is_said_or_what() -> None:
    made = rows(1)[::3]
    y = np.array([r.impersonal for r in made])
    x = np.random.default_rng(0).normal(size=(len(made), 5))
    chances = crossed(made, x, y, 0)
    assert 0 < np.isfinite(chances).sum() < len(made)
    assert json.dumps(measured(made, chances))


def test_a_reading_has_the_numbers_of_the_fit() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(50, 3 + len(KINDS))), np.arange(50) % 2 == 0
    model = fit(x, y)
    found = reading(model)
    place = rng.normal(size=3)
    row = np.concatenate([4.0 * place, [2.0 * (kind == "judging") for kind in KINDS]])[None]
    assert np.isclose(found.chance(place.tolist(), "judging"), model.predict_proba(row)[0, 1])
