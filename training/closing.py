"""Does a newer statement take the place of an older one? Fits the probe of a model that memory.sorting closes by.

    python -m training closing --model small --ship

Three hundred pairs of `training/cases/changes.json`: values that changed, mostly without a word that says so, against pairs of
one topic that both hold, the same said again, and others. With them `--near` pairs of other statements of the cases that lie as
near to each other as those that are asked about, and count half: a few of them cannot both hold either. `cross`: on pairs that a
fit has not seen, how many of each are closed. One JSON line last.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from inference.stored_embedder import StoredEmbedder
from memory.examples import STANDS, stands
from memory.probe import features
from memory.slots import SAME, same_slot
from memory.sorting import CLOSES
from training.keeping import CASES, crossed, fitted, rows, ship
from training.states import States

LEAST = 0.3
NEAR = 0.5
"""What a pair of statements that only lie near to each other counts."""


@dataclass(frozen=True, slots=True)
class Pair:
    newer: str
    older: str
    relation: str


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training closing", description=__doc__)
    parser.add_argument("--model", default="small")
    parser.add_argument("--near", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    cache = options.cache.expanduser()
    changes = json.loads((CASES / "changes.json").read_text(encoding="utf-8"))
    pairs = [Pair(c["newer"], c["older"], c["relation"]) for c in changes]
    pairs += near(pairs, options.near, options.seed, cache)
    states = States(options.model, cache)
    try:
        kept = states.after("stands", STANDS)
        x = features(kept.embed([stands(p.newer, p.older) for p in pairs]))
        kept.save()
    finally:
        states.close()
    relations = np.array([p.relation for p in pairs])
    y, weights = relations == "changed", np.where(relations == "near", NEAR, 1.0)
    chances = crossed(x, y, options.seed, weights)[:, 1]
    ruled = np.array([same_slot(p.newer, p.older) for p in pairs])
    if options.ship:
        ship("closing", options.model, fitted(x, y, weights))
    names = list(dict.fromkeys(relations.tolist()))
    hard = np.isin(relations, ["changed", "also"])
    print(
        json.dumps(
            {
                "model": options.model,
                "pairs": len(pairs),
                "auc": round(float(roc_auc_score(y[hard], chances[hard])), 3),
                "cross": {n: round(float((chances[relations == n] >= CLOSES).mean()), 3) for n in names},
                "rules": {n: round(float(ruled[relations == n].mean()), 3) for n in names},
            }
        )
    )


def near(known: Sequence[Pair], number: int, seed: int, cache: Path) -> list[Pair]:
    """Of statements that are none of one pair, `number` that lie near to each other."""
    said = list(dict.fromkeys(r.text for r in rows((), 0, seed) if r.kind is not None))
    embedder = StoredEmbedder(cache / "embedded" / "training-closing.npz")
    place = embedder.embed(said)
    embedder.save()
    likeness = place @ place.T
    pairs = {frozenset((p.newer, p.older)) for p in known}
    both = [(said[i], said[j]) for i, j in np.argwhere((likeness >= LEAST) & (likeness < SAME)).tolist()]
    some = [Pair(newer, older, "near") for newer, older in both if frozenset((newer, older)) not in pairs]
    return random.Random(seed).sample(some, min(number, len(some)))
