"""The structural baseline of `python -m evals timing`: gradient boosting on twelve numbers of the talk.

    python -m training structure ../shared/data/chats/train/*.jsonl

Expected: AUC near 0.78 on dev, as the page of the data has it. Writes evals/structure.json; one JSON line last.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conversation.chats import read_chat
from conversation.standing import talk_of
from conversation.structure import TWELVE, twelve
from thoughts.points import LATELY, WINDOW, WROTE, unlinked

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]

TREES, DEPTH, PACE, PENALTY, LEAST, BINS = 120, 4, 0.1, 5.0, 100, 48
FILE = Path(__file__).parents[1] / "evals" / "structure.json"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training structure", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--every", type=int, default=4, help="messages between those whose occasions are counted")
    options = parser.parse_args(arguments)
    rows, spoke = read(sorted(options.files), options.every)
    trees = boost(rows, spoke)
    FILE.write_text(json.dumps({"features": TWELVE, "trees": trees}) + "\n", encoding="utf-8")
    print(json.dumps({"file": str(FILE), "occasions": len(spoke), "trees": len(trees)}))


def read(paths: Sequence[Path], every: int) -> tuple[Floats, Floats]:
    """float[occasion, twelve], float[occasion]: the occasions of `training.occasions`."""
    rows, spoke = [], []
    for path in paths:
        messages = unlinked(read_chat(path).messages)
        wrote = Counter(m.author.id for m in messages)
        for i in range(every - 1, len(messages) - 1, every):
            past = messages[max(0, i + 1 - WINDOW) : i + 1]
            talk = talk_of(past, {}, past[-1].at)
            for who, own in talk.standings.items():
                if wrote[who] >= WROTE and own.turns is not None and 0 < own.turns <= LATELY:
                    rows.append(twelve(past, talk, who))
                    spoke.append(messages[i + 1].author.id == who)
    return np.array(rows), np.array(spoke, float)


Grown = tuple[list[int], list[float], list[float]]
"""Features and thresholds of the nodes, and the leaves, of a complete tree (`evals.structure.Tree`)."""


def boost(rows: Floats, spoke: Floats) -> list[Grown]:
    """Gradient boosting of the logistic loss over histograms (Friedman 2001), each tree complete to DEPTH."""
    edges = [np.unique(np.quantile(column, np.linspace(0, 1, BINS + 1)[1:-1])) for column in rows.T]
    bins = np.stack([np.searchsorted(e, column) for e, column in zip(edges, rows.T, strict=True)])
    believed = np.full(len(spoke), np.log(spoke.mean() / (1 - spoke.mean())))
    trees = []
    for _ in range(TREES):
        chance = 1 / (1 + np.exp(-believed))
        grown, step = _tree(bins, edges, spoke - chance, chance * (1 - chance))
        believed += step
        trees.append(grown)
    return trees


def _tree(bins: Ints, edges: Sequence[Floats], push: Floats, weight: Floats) -> tuple[Grown, Floats]:
    node = np.zeros(len(push), int)
    features: list[int] = []
    thresholds: list[float] = []
    for depth in range(DEPTH):
        width = 2**depth
        feature, cut = _splits(bins, node, width, push, weight)
        features += feature.tolist()
        thresholds += [
            float(f"{edges[f][c]:.6g}") if c < len(edges[f]) else 1e9 for f, c in zip(feature, cut, strict=True)
        ]
        node = 2 * node + (bins[feature[node], np.arange(len(node))] > cut[node])
    pushed, weighed = (np.bincount(node, values, minlength=2**DEPTH) for values in (push, weight))
    leaves = PACE * pushed / (weighed + PENALTY)
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
