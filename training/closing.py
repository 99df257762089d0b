"""Does a newer statement take the place of an older one? Fits the probe of a model that memory.sorting closes by.

    python -m training closing --model small --ship

The pairs of `training/cases/changes.json`: values that changed, mostly without a word that says so, against pairs of one topic
that both hold, the same said again, and others; news from which a change follows against what passes on the same subject;
changes that are told outright against the same words on something beside; changes among chatter against chatter around them.
With them `--together` pairs of what one person said (`training/cases/persons.json`: forty statements of each of sixteen, which
all hold at once) that lie as near to each other as those that are asked about, and `--near` such pairs of different people
(`keeping.json` and others), which count half: a few of them cannot both hold. Each relation is a class of its own. `cross`: on
pairs that a fit has not seen, how many of each are closed; `stranger`: of those of one person, by a fit that has seen nobody's.
With a question in hand: `python -m training answering`. One JSON line last.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from inference.stored_embedder import StoredEmbedder
from memory.examples import STANDS, stands
from memory.probe import Floats, features
from memory.slots import SAME, same_slot
from memory.sorting import CLOSES
from memory.writing import RELATED
from training.keeping import CASES, crossed, fitted, rows, ship
from training.states import States

HOLD = ("also", "again", "apart", "together", "passing", "beside", "around", "near")
ENDED = ("changed", "dropped", "told", "turned")
"""Relations of pairs whose older one still holds, and of those whose older one does not: a class each."""
VEILED = ("feigned", "veiled")
"""The same two of pairs among chatter that only a question tells apart: they are no part of this fit (`training answering`)."""
CHANGING = ("changes", "dropped", "told", "turned")
"""Parts of what is kept that say of what things a value may change: there are several of one thing."""
LEAST = 0.3
NEAR = 0.5
"""Cosine and weight of a pair of statements of different people."""


@dataclass(frozen=True, slots=True)
class Pair:
    newer: str
    older: str
    relation: str


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training closing", description=__doc__)
    parser.add_argument("--model", default="small")
    parser.add_argument("--together", type=int, default=600)
    parser.add_argument("--near", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    cache = options.cache.expanduser()
    changes = json.loads((CASES / "changes.json").read_text(encoding="utf-8"))
    pairs = [Pair(c["newer"], c["older"], c["relation"]) for c in changes if c["relation"] not in VEILED]
    embedder = StoredEmbedder(cache / "embedded" / "training-closing.npz")
    pairs += together(options.together, options.seed, embedder) + near(options.near, options.seed, embedder)
    states = States(options.model, cache)
    try:
        kept = states.after("stands", STANDS)
        x = features(kept.embed([stands(p.newer, p.older) for p in pairs]))
        kept.save()
    finally:
        states.close()
    relations = np.array([p.relation for p in pairs])
    y = np.array([(*HOLD, *ENDED).index(p.relation) for p in pairs])
    counts = np.where(relations == "near", NEAR, 1.0)
    chances = crossed(x, y, options.seed, counts)[:, -len(ENDED) :].sum(axis=1)
    others = relations != "together"
    fit_of_others = fitted(x[others], y[others], counts[others], affirming=len(ENDED))
    ruled = np.array([same_slot(p.newer, p.older) for p in pairs])
    if options.ship:
        ship("closing", options.model, fitted(x, y, counts, affirming=len(ENDED)))
    names = list(dict.fromkeys(relations.tolist()))
    against = [("changed", "also"), ("dropped", "passing"), ("told", "beside"), ("turned", "around")]
    embedder.save()
    print(
        json.dumps(
            {
                "model": options.model,
                "pairs": len(pairs),
                "auc": {f"{yes}/{no}": _auc(chances, relations == yes, relations == no) for yes, no in against},
                "cross": {n: round(float((chances[relations == n] >= CLOSES).mean()), 3) for n in names},
                "stranger": round(float((fit_of_others.affirms(x[relations == "together"]) >= CLOSES).mean()), 3),
                "rules": {n: round(float(ruled[relations == n].mean()), 3) for n in names},
            }
        )
    )


def _auc(chances: Floats, yes: NDArray[np.bool_], no: NDArray[np.bool_]) -> float:
    return round(float(roc_auc_score(yes[yes | no], chances[yes | no])), 3)


def together(number: int, seed: int, embedder: StoredEmbedder) -> list[Pair]:
    """`number` pairs of what one person said, the later one newer, that lie near to each other."""
    persons: list[list[str]] = json.loads((CASES / "persons.json").read_text(encoding="utf-8"))
    found = []
    for said in persons:
        place = embedder.embed(said)
        likeness = np.triu(place @ place.T, 1)
        found += [Pair(said[j], said[i], "together") for i, j in np.argwhere((likeness >= RELATED) & (likeness < SAME))]
    return random.Random(seed).sample(found, min(number, len(found)))


def near(number: int, seed: int, embedder: StoredEmbedder) -> list[Pair]:
    """`number` pairs of statements that are none of one person and lie near to each other. Of values that change, none: there are
    several of one thing."""
    said = list(dict.fromkeys(r.text for r in rows((), 0, seed) if r.kind is not None and r.part not in CHANGING))
    place = embedder.embed(said)
    likeness = np.triu(place @ place.T, 1)
    found = [Pair(said[j], said[i], "near") for i, j in np.argwhere((likeness >= LEAST) & (likeness < SAME))]
    return random.Random(seed).sample(found, min(number, len(found)))
