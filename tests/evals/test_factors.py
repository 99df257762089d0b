"""How many answers until a taste is known, on replies whose numbers are their ways."""

import json
import random
from collections.abc import Sequence

import numpy as np
import pytest

from evals import factors
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


class Nothing:
    """An embedder, and the φ read from it, of no meaning."""

    def embed(self, texts: Sequence[str]) -> list[float]:
        return [0.0] * len(texts)

    def of(self, texts: Sequence[str], embed: object) -> list[float]:
        return [0.0] * len(texts)

    def save(self) -> None:
        """Keeps nothing."""


@pytest.mark.parametrize(("more", "without"), [([], None), (["--without", "plain.npz"], 0.5)])
def test_what_was_not_measured_is_null(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], more: list[str], without: float | None
) -> None:
    monkeypatch.setattr(factors, "reading_with", lambda *_: Nothing())
    monkeypatch.setattr(factors, "phi_in", lambda _: Nothing())
    monkeypatch.setattr(factors, "curve", lambda *_, active: [0.5] * 41)
    factors.main(more)
    found = json.loads(capsys.readouterr().out)
    assert found["auc_10_without_svd"] == without
    assert found["answers_active"] is found["answers_random"] is None
