"""Laws of the six rewards."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.curiosity import (
    GAMMA,
    REWARDS,
    TELESCOPING,
    WITHOUT_TRUTH,
    divergence,
    entropy,
    potential,
)
from tests.personalization.build import chances

talks = st.lists(chances(4), min_size=2, max_size=12)
TOLD = (0.7, 0.1, 0.1, 0.1)
BLIND = (0.25, 0.25, 0.25, 0.25)


def discounted(reward: str, talk: list[tuple[float, ...]], truth: int) -> float:
    turns = itertools.pairwise(talk)
    return sum(GAMMA**t * REWARDS[reward](b, a, truth, GAMMA) for t, (b, a) in enumerate(turns))


@given(talks, st.integers(0, 3), st.sampled_from(sorted(TELESCOPING)))
def test_diff_rewards_telescope(talk: list[tuple[float, ...]], truth: int, reward: str) -> None:
    ends = GAMMA ** (len(talk) - 1) * potential(reward, talk[-1], truth) - potential(reward, talk[0], truth)
    assert discounted(reward, talk, truth) == pytest.approx(ends, abs=1e-9)


@given(chances(4), chances(4), st.integers(0, 3), st.integers(0, 3), st.sampled_from(sorted(WITHOUT_TRUTH)))
def test_some_rewards_never_look_at_the_truth(
    before: tuple[float, ...], after: tuple[float, ...], one: int, other: int, reward: str
) -> None:
    assert REWARDS[reward](before, after, one, GAMMA) == REWARDS[reward](before, after, other, GAMMA)


@given(chances(4), chances(4))
def test_entropy_and_divergence_are_within_their_bounds(one: tuple[float, ...], other: tuple[float, ...]) -> None:
    assert -1e-12 <= entropy(one) <= math.log(4) + 1e-12
    assert divergence(one, other) >= -1e-12
    assert divergence(one, one) == 0


@pytest.mark.parametrize(
    ("reward", "expected"),
    [
        ("DiffAcc", 0.95 * 0.7 - 0.25),
        ("DiffLogAcc", 0.95 * math.log(0.7) - math.log(0.25)),
        ("DiffEnt", math.log(4) - 0.95 * entropy(TOLD)),
        ("Acc", 0.7 - 0.25),
        ("Ent", math.log(4) - entropy(TOLD)),
        ("InfoGain", 0.7 * math.log(0.7 / 0.25) + 0.3 * math.log(0.1 / 0.25)),
    ],
)
def test_by_hand(reward: str, expected: float) -> None:
    assert REWARDS[reward](BLIND, TOLD, 0, GAMMA) == pytest.approx(expected)


@pytest.mark.parametrize("reward", sorted(REWARDS))
def test_staying_where_one_knows_pays_only_without_a_potential(reward: str) -> None:
    paid = discounted(reward, [TOLD] * 12, 0)
    assert paid > 1 if reward in ("Acc", "Ent") else paid < 0.7


def test_a_reward_without_a_potential_has_none() -> None:
    with pytest.raises(AssertionError, match="Acc"):
        potential("Acc", BLIND, 0)
