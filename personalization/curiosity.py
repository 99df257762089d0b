"""What it is worth to have learned of somebody: the six rewards of CURIO (arXiv 2504.03206), as functions of one turn.

`before` and `after` are the beliefs over the person's hidden type around a turn, `truth` the index of the true type, `gamma`
the discount. The three Diff rewards are differences of a potential Φ of the belief: discounted over a talk they sum to
γᵀ·Φ(last) − Φ(first), so that no way of talking longer earns more than being right sooner.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

GAMMA = 0.95


class Reward(Protocol):
    def __call__(self, before: Sequence[float], after: Sequence[float], truth: int, gamma: float) -> float: ...


def entropy(chances: Sequence[float]) -> float:
    """In nats; a chance of 0 adds nothing."""
    return -sum(c * math.log(c) for c in chances if c > 0)


def divergence(chances: Sequence[float], reference: Sequence[float]) -> float:
    """KL[chances ‖ reference] in nats; `reference` is above 0 wherever `chances` is."""
    return sum(c * math.log(c / r) for c, r in zip(chances, reference, strict=True) if c > 0)


def diff_acc(before: Sequence[float], after: Sequence[float], truth: int, gamma: float) -> float:
    return gamma * after[truth] - before[truth]


def diff_log_acc(before: Sequence[float], after: Sequence[float], truth: int, gamma: float) -> float:
    return gamma * math.log(after[truth]) - math.log(before[truth])


def diff_ent(before: Sequence[float], after: Sequence[float], truth: int, gamma: float) -> float:
    return entropy(before) - gamma * entropy(after)


def acc(before: Sequence[float], after: Sequence[float], truth: int, gamma: float) -> float:
    return after[truth] - 1 / len(after)


def ent(before: Sequence[float], after: Sequence[float], truth: int, gamma: float) -> float:
    return math.log(len(after)) - entropy(after)


def info_gain(before: Sequence[float], after: Sequence[float], truth: int, gamma: float) -> float:
    return divergence(after, before)


REWARDS: Mapping[str, Reward] = {
    "DiffAcc": diff_acc,
    "DiffLogAcc": diff_log_acc,
    "DiffEnt": diff_ent,
    "Acc": acc,
    "Ent": ent,
    "InfoGain": info_gain,
}
TELESCOPING = frozenset({"DiffAcc", "DiffLogAcc", "DiffEnt"})
WITHOUT_TRUTH = frozenset({"DiffEnt", "Ent", "InfoGain"})
"""They need no known type, and so can be had from people nobody has asked."""


def potential(reward: str, chances: Sequence[float], truth: int) -> float:
    """Φ of a telescoping reward. Raises KeyError for one that has none."""
    assert reward in TELESCOPING, reward
    if reward == "DiffEnt":
        return -entropy(chances)
    return chances[truth] if reward == "DiffAcc" else math.log(chances[truth])
