"""The calibration of a model, from occasions counted and moments rated."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from conversation.events import EVENT
from conversation.scene import NUMBERS
from conversation.score import Raw, Score
from conversation.thought import Thought
from heuristics.calibration import calibration_for
from heuristics.facts import COUNTED
from heuristics.motivation import HEURISTICS, motivation, recalibrated
from thoughts.prompts import ANYONE
from training.calibrate import JUDGED_ODDS, SPREAD, Rated, fit
from training.occasions import Occasions

COUNT = 6_000
RNG = np.random.default_rng(0)
TURNS = RNG.integers(1, 60, COUNT).astype(float)
OWED = np.where(RNG.random(COUNT) < 0.2, RNG.uniform(0.1, 1, COUNT), 0.0)
CHANCE = 1 / (1 + np.exp(2 + 0.03 * TURNS - 2 * OWED))
SEEN = Occasions(
    facts={n: TURNS if n == "turns" else OWED if n == "owed" else np.full(COUNT, np.nan) for n in COUNTED},
    scene={n: np.zeros(COUNT) for n in NUMBERS},
    spoke=(RNG.random(COUNT) < CHANCE).astype(float),
    wait=np.ones(COUNT),
    who=np.arange(COUNT) % 40,
    called=OWED > 0.9,
    others=RNG.random(COUNT) < 0.3,
    chat=np.zeros(COUNT, int),
    member=np.zeros(COUNT, int),
    place=np.arange(COUNT),
    events=(np.zeros((1, COUNT, len(EVENT)), np.float16),),
)


BARE = tuple(Score(h.name, 3.0, h.how, None, Raw()) for h in HEURISTICS)


def _thought(n: int, rng: random.Random, more: float = 0.0) -> Thought:
    """As a small model rates: all within hundredths of each other, but for `more`."""
    scores = tuple(
        Score(
            h.name,
            3.0,
            h.how,
            None,
            Raw(
                judged=None if not h.asks else 1.5 + more + rng.gauss(0.1, 0.05),
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
    thoughts = tuple(_thought(10 * i + k, random.Random(10 * i + k)) for k in range(3))
    return Rated(thoughts, chances, "me", author, BARE, author == "me")


MOMENTS = [_moment(i) for i in range(200)]
FITTED = fit("small-model", SEEN, MOMENTS)
RATED = [t for m in MOMENTS for t in m.thoughts]


def drive(**facts: float) -> float:
    scores = tuple(
        Score(h.name, 0.0, h.how, None, Raw(facts={n: x for n, x in facts.items() if n in FITTED.scale(h.name).maps}))
        for h in HEURISTICS
    )
    return motivation(recalibrated(scores, FITTED), FITTED, 1.0, 0)


def test_what_happened_oftener_drives_more() -> None:
    assert drive(turns=1, owed=1) > drive(turns=1, owed=0) > drive(turns=50, owed=0)


def test_what_the_model_usually_says_is_neutral_and_its_spread_counts_little() -> None:
    scores = [s for t in RATED for s in recalibrated(t.scores, FITTED) if s.heuristic == "relevance"]
    values = np.array([s.value for s in scores])
    assert values.mean() == pytest.approx(3.0, abs=0.1)
    counts = values.std() * FITTED.weights["relevance"]
    # Drawn by chance, they tell nothing of when to speak.
    assert counts == pytest.approx(JUDGED_ODDS[0], rel=0.25)


def test_ratings_that_tell_when_to_speak_count_more_than_those_that_do_not() -> None:
    def moments(telling: bool) -> list[Rated]:
        return [
            replace(m, thoughts=(_thought(i, random.Random(i), 0.2 * (m.spoke == telling)),))
            for i, m in enumerate(MOMENTS)
        ]

    told, untold = (fit("small-model", SEEN, moments(telling)) for telling in (True, False))
    gains = [c.scale("relevance").gain * c.weights["relevance"] for c in (told, untold)]
    assert gains[0] > 5 * gains[1]


def test_bars_are_of_the_best_thought() -> None:
    """A preset that speaks so often by the talk alone would speak oftener by the best of several thoughts."""
    alone = [replace(m, bare=m.thoughts[0].scores, thoughts=m.thoughts[:1]) for m in MOMENTS]
    of_three = [replace(m, bare=m.thoughts[0].scores) for m in MOMENTS]
    bars = [fit("small-model", SEEN, some).presets["active"].im_threshold for some in (alone, of_three)]
    assert bars[0] < bars[1]


def test_what_is_counted_from_the_room_keeps_its_scale() -> None:
    start = calibration_for("default")
    for name in ("balance", "dynamics"):
        assert FITTED.scale(name).centre == start.scale(name).centre
        assert FITTED.scale(name).slope == start.scale(name).slope
    assert FITTED.scale("silence").slope == 0.0


def test_without_moments_ratings_keep_their_share() -> None:
    again = fit("tiny", SEEN, [])
    shipped = calibration_for("tiny")
    for name in ("relevance", "coherence"):
        kept = again.scale(name).gain * again.weights[name]
        assert kept == pytest.approx(shipped.scale(name).gain * shipped.weights[name], rel=0.01)


def test_every_heuristic_has_a_weight_and_presets_are_in_order() -> None:
    assert set(FITTED.weights) == {h.name for h in HEURISTICS}
    bars = [FITTED.presets[name].im_threshold for name in ("chatty", "active", "selective")]
    assert bars == sorted(bars)
    assert SPREAD > 0


def test_the_turn_is_believed_as_often_as_it_is_so() -> None:
    turn = FITTED.turn
    means = {"me": 0.0, ANYONE: 0.0}
    for m in MOMENTS:
        scaled = {**m.chances, "me": m.chances["me"] * turn.agent, ANYONE: m.chances[ANYONE] * turn.anyone}
        for who in means:
            means[who] += scaled[who] / sum(scaled.values()) / len(MOMENTS)
    assert means["me"] == pytest.approx(0.1, abs=0.01)
    assert means[ANYONE] == pytest.approx(0.5, abs=0.01)
