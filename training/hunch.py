"""The hunch: what boosted trees over the counted facts of a talk find in real chats beyond one map a fact.

    python -m training hunch ../shared/data/chats/train/*.jsonl

The maps are fitted first, as in `training calibrate`; the trees learn what these leave, so what can be read stays in the maps.
Writes heuristics/hunch.json; one JSON line last. Fit the calibrations anew after it: `python -m training calibrate`.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heuristics.facts import COUNTED
from heuristics.forest import MISSING, Forest, written
from training import lean
from training.boosting import Grown, boost
from training.occasions import occasions

Floats = NDArray[np.floating[Any]]
TREES, PACE, PART = 150, 0.08, 0.4
FILE = Path(__file__).parents[1] / "heuristics" / "hunch.json"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training hunch", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--every", type=int, default=1, help="messages between those whose occasions are counted")
    options = parser.parse_args(arguments)
    seen = occasions(sorted(options.files), options.every)
    trees = grow(seen.facts, seen.spoke)
    FILE.write_text(written(COUNTED, trees), encoding="utf-8")
    print(json.dumps({"file": str(FILE), "occasions": len(seen.spoke), "trees": len(trees)}))


def grow(facts: Mapping[str, Floats], spoke: Floats) -> list[Grown]:
    """Pure. `facts`: one number an occasion, NaN where there is none."""
    maps, bias = lean.fit(facts, spoke, np.zeros(len(spoke)))
    return boost(rows(facts), spoke, TREES, PACE, known=lean.logits(maps, facts) + bias, part=PART)


def rows(facts: Mapping[str, Floats]) -> Floats:
    """float[occasion, fact], in the order of COUNTED."""
    found: Floats = np.stack([np.nan_to_num(facts[name], nan=MISSING) for name in COUNTED], axis=1)
    return found


def hunches(forest: Forest, facts: Mapping[str, Floats]) -> Floats:
    """What `forest` says of each occasion: the same as `Forest.of`, of all at once."""
    given = np.stack([np.nan_to_num(facts[name], nan=MISSING) for name in forest.names])
    at = np.arange(given.shape[1])
    total = np.zeros(len(at))
    for tree in forest.trees:
        features, thresholds, leaves = np.array(tree.features), np.array(tree.thresholds), np.array(tree.leaves)
        node = np.zeros(len(at), int)
        for _ in range(len(leaves).bit_length() - 1):
            node = 2 * node + np.where(given[features[node], at] > thresholds[node], 2, 1)
        total += leaves[node - len(features)]
    return total
