"""Is a question worth asking? The value of information (arXiv 2601.06407): what would be done differently, and how much
better, if the answer were known."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """`answers[type][answer]`: how probable each answer is from a person of each type, every row summing to 1."""

    name: str
    answers: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Worth:
    question: str
    value: float


def value(chances: Sequence[float], payoff: Sequence[Sequence[float]]) -> float:
    """max over acts of Σ chances[type] · payoff[act][type]: the best that can be done on this belief."""
    return max(_expected(chances, row) for row in payoff)


def value_of(question: Question, chances: Sequence[float], payoff: Sequence[Sequence[float]]) -> float:
    """Expected gain of `value` by hearing the answer; never below 0."""
    found = 0.0
    for answer in zip(*question.answers, strict=True):
        joint = [c * p for c, p in zip(chances, answer, strict=True)]
        # V is homogeneous: P(a) · V(b | a) is V of the joint, and an answer that cannot come divides by nothing.
        found += value(joint, payoff)
    return max(0.0, found - value(chances, payoff))


def best(
    questions: Sequence[Question], chances: Sequence[float], payoff: Sequence[Sequence[float]], cost: float
) -> Worth | None:
    """The question of the largest value, the first of equals; None where no value exceeds `cost`: then act."""
    worths = [Worth(q.name, value_of(q, chances, payoff)) for q in questions]
    top = max(worths, key=lambda w: w.value, default=None)
    return top if top is not None and top.value > cost else None


def _expected(chances: Sequence[float], row: Sequence[float]) -> float:
    return sum(c * r for c, r in zip(chances, row, strict=True))
