"""Does a circumstance hold in what somebody tells? Fits the two probes of a model that thoughts.occasions reads.

    python -m training holding --model small --ship

Moments inside and outside of circumstances that nearly all of them leave unnamed: those of `training scope`, the statements of
`training/cases/choices.json`, and `moments.json`, written by six who knew nothing of the code. `holding` reads the circumstance
against the moment, `applying` the whole statement; both read the hidden states behind the examples of thoughts/occasions.py.
`cross`: on circumstances that a fit has not seen, by where they come from, `holding` alone (`within`, `outside`: parts of the
moments inside and of those outside that are taken for one or the other). `statements`: whether what was said is taken to hold
where it does, and not where it does not, by each of the two and by both, and of statements that hold everywhere but somewhere.
`weights`: of thoughts.occasions, for a circumstance as the service knows it: read from the words where they leave no doubt, else
named, and what is named is no exception. One JSON line last.
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from memory.occasion import OUTSIDE, WITHIN
from memory.probe import Floats, features
from memory.scope import Scope, scope
from thoughts.occasions import APPLIES, READ, applies, branch
from training.keeping import CASES, fitted, ship
from training.scope import Row, implied, rows
from training.states import States

FOLDS = 10
PENALTY = 1.0
Truth = NDArray[np.bool_]


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
    some = [row for found in parts.values() for row in found]
    names = np.array([name for name, found in parts.items() for _ in found])
    said = np.array([bool(row.said) for row in some])
    stated = [row for row in some if row.said]
    states = States(options.model, options.cache.expanduser())
    try:
        kept, whole = states.after("occasions", READ), states.after("applies", APPLIES)
        x = features(kept.embed([branch(r.message, r.scope.words) for r in some]))
        kept.save()
        z = features(whole.embed([applies(r.message, r.said) for r in stated]))
        whole.save()
    finally:
        states.close()
    y, groups = np.array([r.within for r in some]), np.array([r.group for r in some])
    exception = np.array([not r.scope.holds for r in stated])
    holds = y[said] != exception
    within, applied = crossed(x, y, groups), crossed(z, holds, groups[said])
    if options.ship:
        ship("holding", options.model, fitted(x, y, balance(y), PENALTY))
        ship("applying", options.model, fitted(z, holds, balance(holds), PENALTY))
    known = np.where([_known(r) for r in stated], 1, -1) * within[said]
    both, weights = joined(np.stack([known, applied], axis=1), holds, groups[said])
    by = {"holding": known, "applying": applied, "both": both}
    print(
        json.dumps(
            {
                "model": options.model,
                "rows": len(some),
                "cross": {name: _told_apart(y[names == name], within[names == name]) for name in parts},
                "statements": {name: _told_apart(holds, logits) for name, logits in by.items()},
                "exceptions": {name: _told_apart(holds[exception], logits[exception]) for name, logits in by.items()},
                "weights": weights,
            }
        )
    )


def balance(y: Truth) -> Floats:
    """What a row of each class counts so that both count the same."""
    return np.asarray(np.where(y, (~y).mean(), y.mean()) * 2)


def crossed(x: Floats, y: Truth, groups: NDArray[np.int_]) -> Floats:
    """[row]: log-odds by fits that have seen nothing of its group."""
    found = np.zeros(len(y))
    for here, there in GroupKFold(FOLDS).split(x, y, groups):
        model = LogisticRegression(C=PENALTY, max_iter=3_000, tol=1e-3).fit(
            x[here], y[here], sample_weight=balance(y)[here]
        )
        found[there] = model.decision_function(x[there])
    return found


def joined(signs: Floats, y: Truth, groups: NDArray[np.int_]) -> tuple[Floats, list[float]]:
    """Log-odds from both, by fits that have seen nothing of a row's group, and the weights of a fit of all."""
    found = np.zeros(len(y))
    for here, there in GroupKFold(FOLDS).split(signs, y, groups):
        found[there] = (
            LogisticRegression(class_weight="balanced").fit(signs[here], y[here]).decision_function(signs[there])
        )
    model = LogisticRegression(class_weight="balanced").fit(signs, y)
    return found, [round(float(w), 2) for w in (*model.intercept_, *model.coef_[0])]


def _known(row: Row) -> bool:
    """Whether the service takes the statement to hold within its circumstance."""
    read = scope(row.said)
    return read is None or not read.firm or read.holds


def circumstance(case: dict[str, Any]) -> Scope | None:
    """In the words of the statement where they leave no doubt and are read rightly, else as its writer put it."""
    read, holds = scope(case["says"]), case.get("holds", True)
    if "when" not in case or (read is not None and read.firm and read.holds == holds):
        return read
    return Scope(case["when"], case["says"], holds)


def _told_apart(y: Truth, logits: Floats) -> dict[str, object]:
    chances = 1 / (1 + np.exp(-logits))
    inside, outside = chances[y], chances[~y]
    return {
        "n": len(y),
        "auc": round(float(roc_auc_score(y, logits)), 3),
        "within": [round(float((c >= WITHIN).mean()), 3) for c in (inside, outside)],
        "outside": [round(float((c <= OUTSIDE).mean()), 3) for c in (inside, outside)],
    }


def told() -> dict[str, list[Row]]:
    """Of what people said of themselves, and of circumstances by themselves; a group each."""
    found: dict[str, list[Row]] = {"choices": [], "statements": [], "circumstances": []}
    moments = json.loads((CASES / "moments.json").read_text(encoding="utf-8"))
    choices = json.loads((CASES / "choices.json").read_text(encoding="utf-8"))
    for first, name, cases in ((2_000, "choices", choices), (3_000, "statements", moments["statements"])):
        for n, case in enumerate(cases, first):
            if (narrowed := circumstance(case)) is None:
                continue
            for part in ("inside", "outside", "elsewhere"):
                message = f"Mika, {case[part]} {case['choice']}"
                found[name].append(Row(n, narrowed, message, (part == "inside") == narrowed.holds, case["says"]))
    for n, case in enumerate(moments["circumstances"], 9_000):
        read = Scope(case["when"], "")
        found["circumstances"] += [
            Row(n, read, text, part == "inside") for part in ("inside", "outside") for text in case[part]
        ]
    return found
