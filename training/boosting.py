"""Gradient boosting of the logistic loss over histograms (Friedman 2001), each tree complete to a depth."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]

DEPTH, PENALTY, LEAST, BINS = 4, 5.0, 100, 48
LEAVES, DEEPEST, FEWEST, SHRUNK, ASKED = 24, 6, 150, 10.0, 0.3
NEVER = 1e9
"""A threshold that nothing is above."""

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
            float(f"{edges[f][c]:.6g}") if c < len(edges[f]) else NEVER for f, c in zip(feature, cut, strict=True)
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


def leafwise(rows: Floats, spoke: Floats, trees: int, pace: float, seed: int = 0) -> list[Grown]:
    """The same by scikit-learn's grower, quicker: of all leaves the one that gains the most is cut next, and what a cut may ask
    about is drawn for each. A tree asks DEEPEST questions at most and is filled up to a complete one. The first has how often
    anybody spoke in its leaves."""
    grower = HistGradientBoostingClassifier(
        max_iter=trees,
        learning_rate=pace,
        max_leaf_nodes=LEAVES,
        max_depth=DEEPEST,
        min_samples_leaf=FEWEST,
        l2_regularization=SHRUNK,
        max_features=ASKED,
        early_stopping=False,
        random_state=seed,
    )
    grower.fit(rows, spoke)
    grown = [_complete(one.nodes) for (one,) in grower._predictors]
    start = float(grower._baseline_prediction[0, 0])
    first = grown[0]
    return [(first[0], first[1], [round(leaf + start, 5) for leaf in first[2]]), *grown[1:]]


def _complete(nodes: NDArray[np.void]) -> Grown:
    """What lies beyond a leaf is never reached: its questions send all to the left."""
    inner = 2**DEEPEST - 1
    features, thresholds, leaves = [0] * inner, [NEVER] * inner, [0.0] * (inner + 1)
    open_ = [(0, 0)]
    while open_:
        node, place = open_.pop()
        own = nodes[node]
        if own["is_leaf"]:
            while place < inner:
                place = 2 * place + 1
            leaves[place - inner] = round(float(own["value"]), 5)
        else:
            features[place], thresholds[place] = int(own["feature_idx"]), float(f"{own['num_threshold']:.6g}")
            open_ += [(int(own["left"]), 2 * place + 1), (int(own["right"]), 2 * place + 2)]
    return features, thresholds, leaves
