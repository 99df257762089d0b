"""Maps of facts."""

import numpy as np
import pytest

from training.lean import fit, logits

RNG = np.random.default_rng(0)
COUNT = 20_000
STEEP, IDLE = RNG.uniform(0, 10, COUNT), RNG.uniform(0, 1, COUNT)
BELL = RNG.uniform(0, 10, COUNT)
TRUE = -2 - 0.4 * (STEEP - 5) + 1.5 * np.exp(-((BELL - 5) ** 2) / 4)
SPOKE = (RNG.random(COUNT) < 1 / (1 + np.exp(-TRUE))).astype(float)
NOTHING = np.zeros(COUNT)


def test_each_map_follows_its_fact_and_an_idle_fact_gets_next_to_none() -> None:
    maps, _ = fit({"steep": STEEP, "idle": IDLE, "bell": BELL}, SPOKE, NOTHING)
    steep = dict(maps["steep"])
    assert max(steep.values()) - min(steep.values()) == pytest.approx(4, rel=0.2)
    heights = [y for _, y in maps["bell"]]
    assert max(heights) == pytest.approx(max(heights[2:-2]))
    assert max((abs(y) for _, y in maps.get("idle", ())), default=0.0) < 0.3


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
