"""Which of two things that somebody said answers a question, where both came to mind? Fits what thoughts.superseded reads.

    python -m training answering --model small --ship

The pairs of `training/cases/changes.json` that come with a question: of a value that has changed since, which the newer one
answers, and of pairs of which the older one does, though the newer looks as if it told something of the same. The probe
`answering` reads the hidden state behind the question and both; each relation is a class of its own. `answered`: how often the
newer is taken where it is right, and where it is wrong, on questions that a fit has not seen, by relation; `weights`: of the
log-odds of the probe and the cosines of the older and the newer with the question. One JSON line last.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from inference.stored_embedder import StoredEmbedder
from memory.examples import ANSWERS, answers
from memory.probe import Floats, features
from thoughts.occasions import logit
from thoughts.superseded import GONE
from training.closing import ENDED, VEILED
from training.keeping import CASES, crossed, fitted, ship
from training.states import States

NEWER = (*ENDED, VEILED[1])
"""Relations of which the newer one answers."""


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training answering", description=__doc__)
    parser.add_argument("--model", default="small")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    cache = options.cache.expanduser()
    some = [c for c in json.loads((CASES / "changes.json").read_text(encoding="utf-8")) if c["asks"]]
    embedder = StoredEmbedder(cache / "embedded" / "training-closing.npz")
    states = States(options.model, cache)
    try:
        kept = states.after("answers", ANSWERS)
        x = features(kept.embed([answers(c["asks"], c["newer"], c["older"]) for c in some]))
        kept.save()
    finally:
        states.close()
    relations = sorted({c["relation"] for c in some}, key=lambda name: (name in NEWER, name))
    ended = sum(name in NEWER for name in relations)
    y = np.array([relations.index(c["relation"]) for c in some])
    chances = crossed(x, y, options.seed, groups=threads(some))[:, -ended:].sum(axis=1)
    if options.ship:
        ship("answering", options.model, fitted(x, y, affirming=ended))
    found = questions(some, chances, embedder)
    embedder.save()
    print(json.dumps({"model": options.model, "asked": len(some), **found}))


def questions(some: Sequence[dict[str, str]], chances: Floats, embedder: StoredEmbedder) -> dict[str, object]:
    """How often the older gives way, by fits that have not seen the question. `chances`: of each of `some`, that the newer one
    answers it."""
    asks, older, newer = (embedder.embed([c[part] for c in some]) for part in ("asks", "older", "newer"))
    signs = np.stack([[logit(p) for p in chances], (asks * older).sum(1), (asks * newer).sum(1)], axis=1)
    relations = np.array([c["relation"] for c in some])
    right = np.isin(relations, NEWER)
    model = LogisticRegression(C=10, class_weight="balanced")
    folds = GroupKFold(10)
    sure = cross_val_predict(model, signs, right, groups=threads(some), cv=folds, method="predict_proba")[:, 1]
    model.fit(signs, right)
    taken = sure >= GONE

    def part(here: NDArray[np.bool_]) -> float:
        return round(float(taken[here].mean()), 3)

    return {
        "auc": round(float(roc_auc_score(right, sure)), 3),
        "answered": {"newer": part(right), "older": part(~right)},
        "by": {str(name): part(relations == name) for name in dict.fromkeys(relations.tolist())},
        "weights": [round(float(w), 2) for w in (*model.intercept_, *model.coef_[0])],
    }


def threads(some: Sequence[dict[str, str]]) -> NDArray[np.int_]:
    """[pair]: the number of its group; pairs that share a question or an older statement are in one."""
    leads = list(range(len(some)))

    def first(n: int) -> int:
        while leads[n] != n:
            n = leads[n]
        return n

    seen: dict[tuple[str, str], int] = {}
    for n, case in enumerate(some):
        for part in ("asks", "older"):
            one, other = first(seen.setdefault((part, case[part].casefold()), n)), first(n)
            leads[max(one, other)] = min(one, other)
    return np.array([first(n) for n in range(len(some))])
