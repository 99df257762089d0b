"""The scale of a model, read from raw scores."""

import random
import statistics
from datetime import UTC, datetime

import pytest

from conversation.score import Raw, Score
from conversation.thought import Thought
from heuristics.calibration import calibration_for
from heuristics.motivation import HEURISTICS, motivation, recalibrated
from thoughts.prompts import ANYONE
from training.calibrate import ALLOCATED, RATES, SPREAD, Rated, fit


def _thought(n: int, rng: random.Random) -> Thought:
    """As a small model rates: all within hundredths of each other."""
    scores = tuple(
        Score(
            h.name,
            3.0,
            h.how,
            None,
            Raw(
                judged=None if not h.asks else 1.5 + rng.gauss(0.1, 0.05),
                baseline=None if not h.asks else 1.6,
                mass=0.5,
                measured=None if h.how == "judged" else rng.gauss(0.4, 0.1),
            ),
        )
        for h in HEURISTICS
    )
    return Thought(f"t{n}", "me", "system2", "…", (), 1, datetime(2020, 1, 1, tzinfo=UTC), scores=scores)


def _moment(i: int) -> Rated:
    """The model believes that the agent is next in 60 % of moments and anyone in 10 %; it is so in 10 % and 50 %."""
    believed = random.Random(i).uniform(0.3, 0.9)
    chances = {"me": believed, "ann": 0.9 - believed, ANYONE: 0.1}
    author = "me" if i % 10 == 0 else ANYONE if i % 2 else "ann"
    return Rated(tuple(_thought(10 * i + k, random.Random(10 * i + k)) for k in range(3)), chances, "me", author)


MOMENTS = [_moment(i) for i in range(200)]
RATED = [m.thoughts for m in MOMENTS]


def test_what_the_model_usually_says_becomes_three_and_its_spread_the_spread_of_the_scale() -> None:
    fitted = fit("small-model", MOMENTS)
    values = [s.value for ts in RATED for t in ts for s in recalibrated(t.scores, fitted) if s.heuristic == "relevance"]
    assert statistics.fmean(values) == pytest.approx(3.0, abs=0.05)
    assert statistics.stdev(values) == pytest.approx(SPREAD, rel=0.1)


def test_each_preset_is_reached_as_often_as_it_says() -> None:
    fitted = fit("small-model", MOMENTS)
    best = [max(motivation(recalibrated(t.scores, fitted), fitted, 1.02, 10) for t in ts) for ts in RATED]
    for name, rate in RATES.items():
        reached = sum(b >= fitted.presets[name].im_threshold for b in best) / len(best)
        assert reached == pytest.approx(rate["im_threshold"], abs=0.05)
        allowed = sum(b >= fitted.presets[name].allocated_threshold for b in best) / len(best)
        assert allowed >= ALLOCATED[name] - 0.05


def test_what_is_counted_from_the_room_keeps_its_scale() -> None:
    fitted, start = fit("small-model", MOMENTS), calibration_for("default")
    for name in ("balance", "dynamics", "silence"):
        assert (fitted.scale(name).centre, fitted.scale(name).slope) == (
            start.scale(name).centre,
            start.scale(name).slope,
        )
    assert fitted.scale("originality").centre != start.scale("originality").centre


def test_the_turn_is_believed_as_often_as_it_is_so() -> None:
    turn = fit("small-model", MOMENTS).turn
    means = {"me": 0.0, ANYONE: 0.0}
    for m in MOMENTS:
        scaled = {**m.chances, "me": m.chances["me"] * turn.agent, ANYONE: m.chances[ANYONE] * turn.anyone}
        for who in means:
            means[who] += scaled[who] / sum(scaled.values()) / len(MOMENTS)
    assert means["me"] == pytest.approx(0.1, abs=0.01)
    assert means[ANYONE] == pytest.approx(0.5, abs=0.01)
