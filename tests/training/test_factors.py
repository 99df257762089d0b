"""Factors from answers whose structure is known."""

import numpy as np
import pytest

from personalization.factors import Answer, taste
from training import factors
from training.factors import fit, svd_start


def _world(people: int, pairs: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tastes in two directions of six features; a third of the answers is there."""
    rng = np.random.default_rng(seed)
    shared = np.zeros((6, 2))
    shared[0, 0] = shared[3, 1] = 2.0
    differences = rng.normal(size=(pairs, 6))
    weights = rng.normal(size=(people, 2)) * 2
    table = (weights @ (differences @ shared).T > 0).astype(float)
    table[rng.random(table.shape) > 0.35] = np.nan
    return differences, table, shared


def test_the_svd_finds_the_directions_in_which_people_differ() -> None:
    differences, table, _ = _world(60, 150, 0)
    people, of_pairs = svd_start(table, 2)
    known = np.isfinite(table)
    agree = np.sign((people @ of_pairs.T)[known]) == np.sign(table[known] - 0.5)
    assert agree.mean() > 0.85
    assert differences.shape[0] == of_pairs.shape[0]


@pytest.mark.parametrize("start", ["svd", "random"])
def test_what_was_fitted_learns_a_stranger_in_few_answers(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factors, "SMOOTH", 0.01)
    monkeypatch.setattr(factors, "DECAY", 0.001)
    differences, table, shared = _world(60, 150, 0)
    phi, loss = fit(differences, table, 2, start, 0)
    assert loss < 0.6
    rng = np.random.default_rng(9)
    stranger, asked, tests = np.array([1.0, -1.0]), rng.normal(size=(20, 6)), rng.normal(size=(200, 6))
    answers = [Answer(tuple((v @ phi).tolist()), bool(v @ shared @ stranger > 0)) for v in asked]
    agree = np.sign(tests @ phi @ taste(answers, 2, 0.1).weights) == np.sign(tests @ shared @ stranger)
    assert agree.mean() > 0.8
