"""Whether a moment is within the circumstances under which a statement holds. The numbers are learned by `python -m training
scope` from occasions that no measurement asks about."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

from memory.persons import together
from memory.saliency import Vector
from memory.scope import Scope
from memory.times import agree, times
from memory.topics import telling

Fit = Literal["within", "outside", "unclear"]
WITHIN, OUTSIDE = 0.55, 0.45
"""Probabilities that count as one or the other."""
TIMED = 0.97
"""How sure a time is that both name."""
STEM = 5
"""Letters by which words are one: "teacher" and "teaches"."""
_ENDS = re.compile(r"(?<=[.!?…])\s+")


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the logistic reading. `told` is of what a model says, in logits."""

    bias: float
    nearest: float
    whole: float
    shared: float
    person: float
    told: float


ALONE = Weights(-5.02, 9.36, 6.56, 1.95, 4.51, 0.0)
"""Where no model is asked."""
ASKED = Weights(1.04, -0.09, 0.03, -0.53, 0.08, 2.84)
"""Where one is: next to nothing else counts then."""


@dataclass(frozen=True, slots=True)
class Signs:
    """`nearest`, `whole`: cosine of the circumstance with the nearest sentence of the message, and with all of it. `shared`: part
    of its telling words that the message has. `time`: 1 where both name times that go together, -1 where they do not, else 0;
    `person` the same of people.
    `told`: what a model said; None where none was asked."""

    nearest: float
    whole: float
    shared: float
    time: int = 0
    person: int = 0
    told: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """`holds`: the probability that a statement holds now; `fit`: what is made of it."""

    fit: Fit
    holds: float


def sentences(message: str) -> tuple[str, ...]:
    return tuple(s for s in _ENDS.split(message.strip()) if s) or (message,)


def signs(scope: Scope, message: str, at: datetime, words: Vector, whole: Vector, each: Sequence[Vector]) -> Signs:
    """`words`, `whole`, `each`: where the circumstance, the message and its sentences lie, of unit length."""
    near = np.asarray(each, dtype=np.float32) @ np.asarray(words, dtype=np.float32)
    mine, here = _stems(scope.words), _stems(message)
    return Signs(
        nearest=float(near.max()),
        whole=float(np.dot(words, whole)),
        shared=len(mine & here) / len(mine) if mine else 0.0,
        time=agree(times(scope.words), times(message), at),
        person=together(scope.words, message),
    )


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:STEM] for word in telling(text))


def chance(found: Signs) -> float:
    """That the moment is within the circumstance."""
    if found.time:
        return TIMED if found.time > 0 else 1 - TIMED
    weights = ALONE if found.told is None else ASKED
    logit = (
        weights.bias
        + weights.nearest * found.nearest
        + weights.whole * found.whole
        + weights.shared * found.shared
        + weights.person * found.person
        + weights.told * (found.told or 0.0)
    )
    return 1 / (1 + math.exp(-logit))


def reading(scope: Scope, within: float) -> Reading:
    """Whether the statement holds now, from the chance that the moment is within its circumstance."""
    holds = within if scope.holds else 1 - within
    return Reading("within" if holds >= WITHIN else "outside" if holds <= OUTSIDE else "unclear", holds)
