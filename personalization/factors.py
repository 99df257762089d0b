"""Which of two replies a person likes better, from few answers (PReF, arXiv 2503.06358).

What all people share are φ, numbers of a reply; what is a person's own are weights λ on them: P(first is liked better) =
σ(λᵀ(φ(first) − φ(second)))."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RIDGE = 0.02
"""L2 on λ, the paper's."""
STEPS = 25
BOUND = 0.25
"""How far, in units of the pool's own scores, a person's weights may lift one candidate over another (`mixed`)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`difference` [k]: φ(first) − φ(second); `first`: whether the first was liked better."""

    difference: tuple[float, ...]
    first: bool


@dataclass(frozen=True, slots=True)
class Taste:
    """`weights` [k], λ at its most likely; `covariance` [k, k] of the Laplace approximation around it."""

    weights: Array
    covariance: Array

    def spread(self, direction: Sequence[float]) -> float:
        """Standard deviation of λᵀ·direction."""
        v = np.asarray(direction)
        return math.sqrt(max(0.0, float(v @ self.covariance @ v)))


def taste(answers: Sequence[Answer], size: int, ridge: float = RIDGE) -> Taste:
    """The most likely λ under a Gaussian prior of precision `ridge`, by Newton's method; before any answer it is 0."""
    weights = np.zeros(size)
    if not answers:
        return Taste(weights, np.eye(size) / ridge)
    rows = np.array([a.difference for a in answers])
    signs = np.array([1.0 if a.first else -1.0 for a in answers])
    for _ in range(STEPS):
        believed = _sigmoid(signs * (rows @ weights))
        slope = rows.T @ (signs * (1 - believed)) - ridge * weights
        step = np.linalg.solve(_precision(rows, weights, ridge), slope)
        # A step of Newton's may overshoot where all answers agree; half of a long one does not.
        length = float(np.abs(step).max())
        weights = weights + step * min(1.0, 2.0 / max(length, 1e-12))
        if length < 1e-9:
            break
    covariance: Array = np.linalg.inv(_precision(rows, weights, ridge)).astype(np.float64)
    return Taste(weights, covariance)


def _precision(rows: Array, weights: Array, ridge: float) -> Array:
    slopes = _slope(rows @ weights)
    found: Array = ridge * np.eye(rows.shape[1]) + (rows * slopes[:, None]).T @ rows
    return found


def next_question(candidates: Array, known: Taste) -> int:
    """Of `candidates` [pair, k], differences of φ, the one whose answer tells most, the first of equals: argmax σ′(λᵀv)·vᵀCv,
    with C the covariance of what is known: so much the more does an answer take from the volume of C. (The paper's rule has
    σ′ squared, and a C of the answers alone, without a prior: docs/log.md.)"""
    spread = np.einsum("ij,jk,ik->i", candidates, known.covariance, candidates)
    return int(np.argmax(_slope(candidates @ known.weights) * spread))


def mixed(pool: Sequence[float], own: Sequence[float], bound: float = BOUND) -> tuple[float, ...]:
    """Scores to choose among candidates by: the pool's, moved by the person's own λᵀφ, squeezed so that no two candidates
    are moved against each other by more than `bound`. So whom the pool prefers by more than `bound` stays preferred, whatever
    the profile. Raises ValueError where the two are not of one length."""
    if not own:
        return ()
    middle = (max(own) + min(own)) / 2
    return tuple(p + bound / 2 * math.tanh(o - middle) for p, o in zip(pool, own, strict=True))


def _sigmoid(x: Array) -> Array:
    found: Array = 1 / (1 + np.exp(-np.clip(x, -40, 40)))
    return found


def _slope(x: Array | float) -> Array:
    believed = _sigmoid(np.asarray(x, dtype=np.float64))
    return believed * (1 - believed)
