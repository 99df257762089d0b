"""Does a circumstance hold in what somebody tells? Fits the probe of a model that thoughts.occasions reads.

    python -m training holding --model small --ship

Moments inside and outside of circumstances that nearly all of them leave unnamed: those of `training scope`, the statements of
`training/cases/choices.json`, and `moments.json`, written by two who knew nothing of the code. The probe reads the hidden state
behind the examples of thoughts/occasions.py. `cross`: on circumstances that a fit has not seen, by where they come from;
`weights` of memory.occasion are not touched: where a probe reads, nothing else counts but a time that both name. One JSON line
last.
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from memory.occasion import OUTSIDE, WITHIN
from memory.probe import features
from memory.scope import Scope, scope
from thoughts.occasions import READ, branch
from training.keeping import CASES, fitted, ship
from training.scope import Row, implied, rows
from training.states import States

FOLDS = 10
PENALTY = 3.0


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training holding", description=__doc__)
    parser.add_argument("--model", default="small")
    parser.add_argument("--named", type=int, default=400, help="moments that name their circumstance, which are easy")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    named = rows(options.seed)
    named = random.Random(options.seed).sample(named, min(options.named, len(named)))
    parts = {"scope": named, "occasions": implied(), **told()}
    some = [(name, row) for name, found in parts.items() for row in found]
    states = States(options.model, options.cache.expanduser())
    try:
        kept = states.after("occasions", READ)
        x = features(kept.embed([branch(r.message, r.scope.words) for _, r in some]))
        kept.save()
    finally:
        states.close()
    y, groups = np.array([r.within for _, r in some]), np.array([r.group for _, r in some])
    names = np.array([name for name, _ in some])
    model = LogisticRegression(C=PENALTY, max_iter=3_000, class_weight="balanced")
    chances = cross_val_predict(model, x, y, groups=groups, cv=GroupKFold(FOLDS), method="predict_proba")[:, 1]
    if options.ship:
        weights = np.where(y, (~y).mean(), y.mean()) * 2
        ship("holding", options.model, fitted(x, y, weights, PENALTY))
    cross = {}
    for name in parts:
        here = names == name
        inside, outside = chances[here & y], chances[here & ~y]
        cross[name] = {
            "n": int(here.sum()),
            "auc": round(float(roc_auc_score(y[here], chances[here])), 3),
            "within": [round(float((c >= WITHIN).mean()), 3) for c in (inside, outside)],
            "outside": [round(float((c <= OUTSIDE).mean()), 3) for c in (inside, outside)],
        }
    print(json.dumps({"model": options.model, "rows": len(some), "cross": cross}))


def told() -> dict[str, list[Row]]:
    """Of what people said of themselves, and of circumstances by themselves; a group each."""
    found: dict[str, list[Row]] = {"choices": [], "statements": [], "circumstances": []}
    moments = json.loads((CASES / "moments.json").read_text(encoding="utf-8"))
    choices = json.loads((CASES / "choices.json").read_text(encoding="utf-8"))
    for first, name, cases in ((2_000, "choices", choices), (3_000, "statements", moments["statements"])):
        for n, case in enumerate(cases, first):
            read = scope(case["says"]) or (Scope(case["when"], case["says"]) if "when" in case else None)
            if read is None:
                continue
            for part in ("inside", "outside", "elsewhere"):
                message = f"Mika, {case[part]} {case['choice']}"
                found[name].append(Row(n, read, message, (part == "inside") == read.holds))
    for n, case in enumerate(moments["circumstances"], 4_000):
        read = Scope(case["when"], "")
        found["circumstances"] += [
            Row(n, read, text, part == "inside") for part in ("inside", "outside") for text in case[part]
        ]
    return found
