"""Gradient boosting of the logistic loss over histograms (Friedman 2001), each tree complete to a depth."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]

DEPTH, PENALTY, LEAST, BINS = 4, 5.0, 100, 48

Grown = tuple[list[int], list[float], list[float]]
"""Features and thresholds of the nodes, and the leaves, of a complete tree (`heuristics.forest.Tree`)."""


def boost(
    rows: Floats,
    spoke: Floats,
    trees: int,
    pace: float,
    known: Floats | None = None,
    part: float = 1.0,
    depth: int = DEPTH,
) -> list[Grown]:
    """`rows`: float[occasion, feature], no NaN. `known`: log-odds that are added elsewhere; without them the first trees
    start from how often anybody spoke. Each tree asks `depth` questions, one after another, about a `part` of the features,
    drawn anew."""
    rng = np.random.default_rng(0)
    edges = [np.unique(np.quantile(column, np.linspace(0, 1, BINS + 1)[1:-1])) for column in rows.T]
    bins = np.stack([np.searchsorted(e, column) for e, column in zip(edges, rows.T, strict=True)]).astype(np.uint8)
    start = np.log(spoke.mean() / (1 - spoke.mean())) if known is None else known
    believed = np.zeros(len(spoke)) + start
    grown = []
    for _ in range(trees):
        some = np.sort(rng.permutation(len(bins))[: max(1, round(part * len(bins)))])
        chance = 1 / (1 + np.exp(-believed))
        (features, thresholds, leaves), step = _tree(
            bins[some], [edges[f] for f in some], spoke - chance, chance * (1 - chance), pace, depth
        )
        believed += step
        grown.append(([int(some[f]) for f in features], thresholds, leaves))
    return grown


def _tree(
    bins: Ints, edges: Sequence[Floats], push: Floats, weight: Floats, pace: float, deep: int
) -> tuple[Grown, Floats]:
    node = np.zeros(len(push), int)
    features: list[int] = []
    thresholds: list[float] = []
    for depth in range(deep):
        width = 2**depth
        feature, cut = _splits(bins, node, width, push, weight)
        features += feature.tolist()
        thresholds += [
            float(f"{edges[f][c]:.6g}") if c < len(edges[f]) else 1e9 for f, c in zip(feature, cut, strict=True)
        ]
        node = 2 * node + (bins[feature[node], np.arange(len(node))] > cut[node])
    pushed, weighed = (np.bincount(node, values, minlength=2**deep) for values in (push, weight))
    leaves = pace * pushed / (weighed + PENALTY)
    return (features, thresholds, [round(float(v), 5) for v in leaves]), leaves[node]


def _splits(bins: Ints, node: Ints, width: int, push: Floats, weight: Floats) -> tuple[Ints, Ints]:
    """Feature and bin of the best cut of each node; a node that is not worth cutting sends all to the left."""
    best = np.zeros(width)
    feature, cut = np.zeros(width, int), np.full(width, BINS)
    for f, column in enumerate(bins):
        place = node * BINS + column
        p, w, n = (
            np.bincount(place, v, minlength=width * BINS).reshape(width, BINS).cumsum(1) for v in (push, weight, None)
        )
        fair = (n >= LEAST) & (n[:, -1:] - n >= LEAST)
        gain = (
            p**2 / (w + PENALTY)
            + (p[:, -1:] - p) ** 2 / (w[:, -1:] - w + PENALTY)
            - p[:, -1:] ** 2 / (w[:, -1:] + PENALTY)
        )
        gain = np.where(fair, gain, 0.0)
        at = gain.argmax(1)
        better = gain[np.arange(width), at] > best
        best = np.where(better, gain[np.arange(width), at], best)
        feature, cut = np.where(better, f, feature), np.where(better, at, cut)
    return feature, cut
