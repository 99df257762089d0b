"""The hunch: what trees and small networks find in real chats beyond one map a fact.

    python -m training hunch ../shared/data/chats/train/*.jsonl

The maps are fitted first, as in `training calibrate`; networks (`training.recurrent`) learn what these leave. Trees
(`training.boosting`) learn the whole, and what the maps say is taken from them: so what can be read stays in the maps.
Writes heuristics/hunch.json; one JSON line last. Fit the calibrations anew after it: `python -m training calibrate`.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conversation.scene import NUMBERS
from heuristics.facts import COUNTED
from heuristics.forest import MISSING, Forest, Tree
from heuristics.hunch import Hunch, placed, written
from training import lean, recurrent
from training.boosting import leafwise
from training.occasions import Occasions, occasions
from training.recurrent import Read

Floats = NDArray[np.floating[Any]]
TREES, PACE = 300, 0.05
NETS, KNOTS = 8, 33
FILE = Path(__file__).parents[1] / "heuristics" / "hunch.json"
NAMES = (*COUNTED, *NUMBERS)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training hunch", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--every", type=int, default=1, help="messages between those whose occasions are counted")
    options = parser.parse_args(arguments)
    seen = occasions(sorted(options.files), options.every)
    FILE.write_text(written(grow(seen)), encoding="utf-8")
    print(json.dumps({"file": str(FILE), "occasions": len(seen.spoke), "trees": TREES, "nets": NETS}))


def grow(seen: Occasions, trees: int = TREES, nets: int = NETS, passes: int = recurrent.PASSES) -> Hunch:
    """Pure; the same on one machine."""
    maps, bias = lean.fit(seen.facts, seen.spoke, np.zeros(len(seen.spoke)))
    known, given = lean.logits(maps, seen.facts) + bias, rows(seen)
    forest = Forest(
        NAMES, tuple(Tree(tuple(f), tuple(t), tuple(v)) for f, t, v in leafwise(given, seen.spoke, trees, PACE))
    )
    knots = tuple(_knots(column) for column in given.T)
    read = recurrent.fit(_read(seen, placed(given, knots)), seen.wait, known, nets, passes)
    return Hunch(forest, knots, read, maps, bias)


def rows(seen: Occasions) -> Floats:
    """float[occasion, NAMES], no NaN."""
    counted = [np.nan_to_num(seen.facts[name], nan=MISSING) for name in COUNTED]
    found: Floats = np.stack([*counted, *(seen.scene[name] for name in NUMBERS)], axis=1)
    return found


def _knots(column: Floats) -> tuple[float, ...]:
    quantiles = np.quantile(column, np.linspace(0, 1, KNOTS))
    return tuple(np.unique([float(f"{x:.5g}") for x in quantiles]).tolist())


def _read(seen: Occasions, numbers: Floats) -> Read:
    return Read(seen.events, seen.chat, seen.member, seen.place, numbers)


def hunches(hunch: Hunch, seen: Occasions) -> Floats:
    """What `hunch` says of each occasion: the same as `Hunch.of`, of all at once."""
    given = rows(seen)
    left = grown(hunch.forest, given) - lean.logits(hunch.maps, seen.facts) - hunch.bias
    return (left + recurrent.said(hunch.nets, _read(seen, placed(given, hunch.knots)))) / 2


def grown(forest: Forest, given: Floats) -> Floats:
    """What `forest` says of each occasion: the same as `Forest.value`, of all at once."""
    columns, at = given.T, np.arange(len(given))
    total = np.zeros(len(at))
    for tree in forest.trees:
        features, thresholds, leaves = np.array(tree.features), np.array(tree.thresholds), np.array(tree.leaves)
        node = np.zeros(len(at), int)
        for _ in range(len(leaves).bit_length() - 1):
            node = 2 * node + np.where(columns[features[node], at] > thresholds[node], 2, 1)
        total += leaves[node - len(features)]
    return total
