"""A small additive model with one map a fact: what each fact of a talk adds to the log-odds that somebody speaks next. Each map
only rises or only falls; which of the two, a fit without that bound says first."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heuristics.calibration import Curve

Floats = NDArray[np.floating[Any]]
KNOTS = 8
"""Points of a map: the commonest value, and quantiles of the rest."""
PENALTY = 1e-3
"""On squared steps; small, for there are thousands of points and about a hundred steps."""
ROUNDS, CLOSE = 12, 1e-3
SWEEPS = 500
"""Over the steps of a bounded fit, one at a time; it is close long before."""
FLAT = 0.02
"""A map that nowhere steps further than this, in log-odds, is left out."""


def fit(facts: Mapping[str, Floats], spoke: Floats, known: Floats) -> tuple[dict[str, Curve], float]:
    """Maps by fact, each with mean 0 over the points, and the log-odds where all say nothing. `facts`: one number a point, NaN
    where a fact is not there; `spoke`: 0 or 1; `known`: log-odds that are added elsewhere."""
    knots = {name: _knots(values) for name, values in facts.items()}
    usable = {name: k for name, k in knots.items() if len(k) > 1}
    columns = {name: _ramps(facts[name], k) for name, k in usable.items()}
    matrix = np.concatenate(list(columns.values()), axis=1)
    centre = matrix.mean(0)
    rows, came = matrix - centre, spoke.astype(np.float32)
    free, _ = _logistic(rows, came, known, None)
    steps, bias = _logistic(rows, came, known, _directions(list(columns.values()), free))
    maps: dict[str, Curve] = {}
    at = 0
    for name, k in usable.items():
        own = steps[at : at + len(k) - 1]
        at += len(k) - 1
        if np.abs(own).max() >= FLAT:
            maps[name] = _curve(facts[name], k, own)
    return maps, bias


def logits(maps: Mapping[str, Curve], facts: Mapping[str, Floats]) -> Floats:
    """What the maps add up to, point by point."""
    total = np.zeros(len(next(iter(facts.values()))))
    for name, curve in maps.items():
        xs, ys = np.array(curve).T
        total += np.nan_to_num(np.interp(facts[name], xs, ys))
    return total


def _knots(values: Floats) -> Floats:
    there = values[~np.isnan(values)]
    if not len(there):
        return there
    usual = there[0] if len(there) == 1 else np.unique(there)[np.unique(there, return_counts=True)[1].argmax()]
    rest = there[there != usual]
    quantiles = np.quantile(rest, np.linspace(0.01, 0.99, KNOTS)) if len(rest) else rest
    found: Floats = np.unique([float(f"{x:.2g}") for x in (usual, *quantiles)])
    return found


def _ramps(values: Floats, knots: Floats) -> Floats:
    """One column a step between knots, from 0 to 1; its mean where the fact is missing."""
    low, high = knots[:-1], knots[1:]
    ramps = np.clip((values[:, None] - low) / (high - low), 0, 1).astype(np.float32)
    missing = np.isnan(values)
    ramps[missing] = ramps[~missing].mean(0)
    return ramps


def _directions(columns: Sequence[Floats], steps: Floats) -> Floats:
    """For each step 1 or -1: whether the map that it belongs to rises with its fact or falls, on the whole."""
    found = []
    at = 0
    for own in columns:
        heights = own @ steps[at : at + own.shape[1]]
        at += own.shape[1]
        together = ((heights - heights.mean()) * (own.sum(1) - own.sum(1).mean())).mean()
        found.append(np.full(own.shape[1], -1.0 if together < 0 else 1.0))
    return np.concatenate(found)


def _logistic(rows: Floats, spoke: Floats, known: Floats, signs: Floats | None) -> tuple[Floats, float]:
    """Steps and bias of the penalised logistic regression, by Newton's method. No step goes against its sign in `signs`."""
    count = len(rows)
    steps = np.zeros(rows.shape[1])
    bias = float(np.log(spoke.mean() / (1 - spoke.mean())) - known.mean())
    for _ in range(ROUNDS):
        believed = 1 / (1 + np.exp(-(rows @ steps.astype(np.float32) + bias + known)))
        weight = believed * (1 - believed)
        bias += float((spoke - believed).sum() / weight.sum())
        curve = (rows * weight[:, None].astype(np.float32)).T @ rows / count + PENALTY * np.eye(len(steps))
        push = rows.T @ (spoke - believed).astype(np.float32) / count - PENALTY * steps
        change = np.linalg.solve(curve, push) if signs is None else _bounded(curve, push, steps, signs)
        steps += change
        if np.abs(change).max() < CLOSE:
            break
    return steps, bias


def _bounded(curve: Floats, push: Floats, steps: Floats, signs: Floats) -> Floats:
    """The change that Newton's method makes to `steps` where none may go against its sign: one coordinate at a time."""
    change = np.zeros(len(steps))
    left = push.copy()
    for _ in range(SWEEPS):
        largest = 0.0
        for at, sign in enumerate(signs):
            wanted = steps[at] + change[at] + left[at] / curve[at, at]
            moved = max(0.0, wanted * sign) * sign - steps[at] - change[at]
            if moved:
                change[at] += moved
                left -= curve[:, at] * moved
                largest = max(largest, abs(moved))
        if largest < CLOSE / 10:
            break
    return change


def _curve(values: Floats, knots: Floats, steps: Floats) -> Curve:
    heights = np.r_[0, np.cumsum(steps)]
    heights = heights - np.interp(values[~np.isnan(values)], knots, heights).mean()
    return tuple((float(x), round(float(y), 4)) for x, y in zip(knots, heights, strict=True))
