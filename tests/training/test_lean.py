"""Maps of facts."""

import numpy as np
import pytest

from training.lean import _bounded, fit, logits

RNG = np.random.default_rng(0)
COUNT = 20_000
STEEP, IDLE = RNG.uniform(0, 10, COUNT), RNG.uniform(0, 1, COUNT)
BELL = RNG.uniform(0, 10, COUNT)
TRUE = -2 - 0.4 * (STEEP - 5) + 1.5 * np.exp(-((BELL - 5) ** 2) / 4)
SPOKE = (RNG.random(COUNT) < 1 / (1 + np.exp(-TRUE))).astype(float)
NOTHING = np.zeros(COUNT)


def test_each_map_follows_its_fact_and_an_idle_fact_gets_next_to_none() -> None:
    maps, _ = fit({"steep": STEEP, "idle": IDLE}, SPOKE, NOTHING)
    steep = dict(maps["steep"])
    assert max(steep.values()) - min(steep.values()) == pytest.approx(4, rel=0.2)
    assert max((abs(y) for _, y in maps.get("idle", ())), default=0.0) < 0.3


def test_a_map_only_rises_or_only_falls_even_where_the_truth_bends() -> None:
    bent = np.where(BELL < 7, BELL, 7 - (BELL - 7))
    spoke = (RNG.random(COUNT) < 1 / (1 + np.exp(-(bent - 5)))).astype(float)
    maps, _ = fit({"steep": STEEP, "bell": BELL}, spoke, NOTHING)
    heights = [y for _, y in maps["bell"]]
    assert heights == sorted(heights)
    assert heights[-1] == heights[-2]
    assert heights[-1] - heights[0] > 2


def test_a_bounded_fit_is_the_free_one_where_no_bound_bites() -> None:
    curve, push = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([1.0, 1.0])
    free = np.linalg.solve(curve, push)
    assert _bounded(curve, push, np.zeros(2), np.ones(2)) == pytest.approx(free, abs=1e-3)
    assert _bounded(curve, push, np.zeros(2), np.array([1.0, -1.0])) == pytest.approx([0.5, 0.0], abs=1e-3)


def test_what_maps_say_has_mean_zero_and_missing_facts_say_nothing() -> None:
    steep = np.where(RNG.random(COUNT) < 0.3, np.nan, STEEP)
    maps, _ = fit({"steep": steep}, SPOKE, NOTHING)
    found = logits(maps, {"steep": steep})
    assert found[np.isnan(steep)] == pytest.approx(0)
    assert found[~np.isnan(steep)].mean() == pytest.approx(0, abs=0.02)


def test_what_is_known_already_is_not_learned_again() -> None:
    maps, bias = fit({"steep": STEEP}, SPOKE, -0.4 * (STEEP - 5))
    assert max((abs(y) for _, y in maps.get("steep", ())), default=0.0) < 0.25
    assert bias < 0


def test_a_fact_that_never_changes_has_no_map() -> None:
    assert fit({"idle": np.ones(COUNT)} | {"steep": STEEP}, SPOKE, NOTHING)[0].keys() == {"steep"}
