"""Factors from answers whose structure is known."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from inference.stored_embedder import StoredEmbedder
from personalization.factors import Answer, taste
from personalization.tastes import Taster, Words, pairs, replies, words_for_training
from tests.personalization.build import phi_of
from training import factors
from training.factors import answered, fit, joined, svd_start


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


class Signs:
    """Every sentence has a direction of its own, near that of the attribute and way that it shows."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self._one(t) for t in texts])

    @staticmethod
    def _one(text: str) -> np.ndarray:
        found = np.random.default_rng(len(text)).normal(size=24) * 0.05
        for a, (more, less) in enumerate(FEW.marks.values()):
            found[2 * a] += any(m in text or text in m for m in more)
            found[2 * a + 1] += any(m in text or text in m for m in less)
        return (found / np.linalg.norm(found)).astype(np.float32)


LONG = words_for_training()
FEW = Words(LONG.topics[:4], {a: (more[:3], less[:3]) for a, (more, less) in LONG.marks.items()})


@pytest.mark.parametrize("start", ["svd", "random"])
def test_what_was_fitted_learns_a_stranger_in_few_answers(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factors, "HIDDEN", 16)
    signs = cast(StoredEmbedder, Signs())
    phi, people, loss = fit(answered(FEW, 300, 60, 0), signs, 7, start, 0)
    assert loss < 0.6
    assert people.T @ people / len(people) == pytest.approx(np.eye(7), abs=0.01)
    rng = random.Random(9)
    stranger = Taster((("formality", 1), ("humour", -1)))
    written = replies(FEW, 120, rng)
    numbers = dict(zip([r.text for r in written], phi.of([r.text for r in written], signs.embed), strict=True))
    asked, tests = pairs(written, 25, rng), pairs(written, 100, rng)
    answers = [Answer(tuple(numbers[a.text] - numbers[b.text]), stranger.prefers(a, b, rng)) for a, b in asked]
    weights = taste(answers, 7, 1.0).weights
    told = [(stranger.liking(a) - stranger.liking(b), (numbers[a.text] - numbers[b.text]) @ weights) for a, b in tests]
    assert np.mean([apart * found > 0 for apart, found in told if apart]) > 0.75


def test_voices_that_see_the_same_are_one_however_they_are_turned() -> None:
    rng = np.random.default_rng(0)
    people = rng.normal(size=(30, 2))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    phi = phi_of(2)
    turned = replace(phi, second=(phi.second @ turn).astype(np.float32), whole=(phi.whole @ turn).astype(np.float32))
    both = joined([(phi, people), (turned, people @ turn)])

    def embed(texts: Sequence[str]) -> np.ndarray:
        return np.eye(3, dtype=np.float32)[: len(texts)]

    said = ["Yes.", "It is late.", "No!"]
    assert both.of(said, embed) == pytest.approx(phi.of(said, embed), abs=1e-3)
