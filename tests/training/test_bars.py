"""Presets as rates."""

import numpy as np
import pytest

from heuristics.calibration import RATES
from training.bars import CALLED, INTERRUPT, bars, level, usual_rate

RNG = np.random.default_rng(0)
ODDS = RNG.normal(0, 1, 20_000)
CALLS = RNG.random(20_000) < 0.04
OTHERS = ~CALLS & (RNG.random(20_000) < 0.3)


def test_each_preset_speaks_uncalled_as_often_as_its_rate_says() -> None:
    found = bars(ODDS, CALLS, OTHERS, 0.05)
    drive = np.array([level(x) for x in ODDS])
    for name, rate in RATES.items():
        bar = np.where(OTHERS, found[name].interrupt_threshold, found[name].im_threshold)
        assert (drive >= bar)[~CALLS].mean() == pytest.approx(rate * 0.05, rel=0.05)
        assert (drive[CALLS] >= found[name].allocated_threshold).mean() >= CALLED[name] - 0.01


def test_interrupting_wants_the_same_more_of_every_preset() -> None:
    for own in bars(ODDS, CALLS, OTHERS, 0.05).values():
        assert own.allocated_threshold <= own.im_threshold < own.interrupt_threshold < 5
        odds = [np.log((b - 1) / (5 - b)) for b in (own.im_threshold, own.interrupt_threshold)]
        assert odds[1] - odds[0] == pytest.approx(INTERRUPT, abs=0.01)


def test_the_usual_rate_is_that_of_the_median_participant_of_enough_occasions() -> None:
    who = np.array([0] * 10 + [1] * 10 + [2] * 10 + [3])
    spoke = np.array([1.0] * 5 + [0.0] * 5 + [1.0] + [0.0] * 9 + [0.0] * 10 + [1.0])
    assert usual_rate(spoke, who, 5) == pytest.approx(0.1)


def test_three_is_as_likely_as_usual() -> None:
    assert level(0.0) == 3.0
