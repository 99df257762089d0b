"""Which of two things does a statement speak for? Fits the probe of a model that thoughts.weighing reads.

    python -m training agreeing --model small --ship

The statements of `training/cases/choices.json` and `moments.json`, which hold on some occasions only, and of `agreeing.json`,
which mostly name what they speak against ("hands off the salt"), each with a choice between what it speaks for there, which comes
first in every other one, and something else. The probe `agreeing` reads the hidden state behind the statement, its circumstance
and each of the two, and is fitted to what the two differ in. `right`: parts of the statements, by fits that have not seen the two
things, of which the one that it speaks for comes out surer, by where they come from; `sure`: the same by how sure the fit is, and
how many that are. One JSON line last.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from memory.probe import Floats, Probe, features
from memory.scope import Scope
from thoughts.known import told_when
from thoughts.weighing import AGREES, agrees
from training.holding import circumstance
from training.keeping import CASES, ship
from training.states import States

FOLDS = 10
BANDS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
PENALTY = 30.0
NEGATED = 0.5
"""What a statement of `agreeing.json` counts beside another: half of them name what they speak against, as one in twenty does
elsewhere, and a fit that counts them whole tells the others less well."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """`applied`: what the statement speaks for, `free`: the other one, in the order of `first`."""

    part: str
    says: str
    scope: Scope
    applied: str
    free: str
    first: bool


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training agreeing", description=__doc__)
    parser.add_argument("--model", default="small")
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    some = spoken()
    states = States(options.model, options.cache.expanduser())
    try:
        kept = states.after("agrees", AGREES)
        for start in range(0, len(some), 256):
            kept.embed([text for one in some[start : start + 256] for text in branches(one)])
            kept.save()
        x = features(kept.embed([text for one in some for text in branches(one)]))
    finally:
        states.close()
    apart = x[::2] - x[1::2]
    found = np.zeros(len(some))
    counts = np.array([NEGATED if one.part == "agreeing" else 1.0 for one in some])
    two = [frozenset((one.applied.casefold(), one.free.casefold())) for one in some]
    groups = np.array([two.index(one) for one in two])
    for here, there in GroupKFold(FOLDS).split(apart, groups=groups):
        found[there] = apart[there] @ fitted(apart[here], counts[here])
    if options.ship:
        weights = fitted(apart, counts)
        probe = Probe(np.zeros(2, np.float32), np.stack([0 * weights, weights]).astype(np.float32))
        ship("agreeing", options.model, probe)
    parts = np.array([one.part for one in some])
    right = {name: round(float((found[parts == name] > 0).mean()), 3) for name in dict.fromkeys(parts.tolist())}
    print(
        json.dumps(
            {
                "model": options.model,
                "statements": len(some),
                "right": right | {"all": round(float((found > 0).mean()), 3)},
                "sure": _by_band(found),
            }
        )
    )


def _by_band(found: Floats) -> dict[str, tuple[float, int]]:
    chances = 1 / (1 + np.exp(-np.abs(found)))
    parts = {f"{low}": (found > 0)[(chances >= low) & (chances < high)] for low, high in pairwise(BANDS)}
    return {low: (round(float(part.mean()), 3), len(part)) for low, part in parts.items() if len(part)}


def fitted(apart: Floats, counts: Floats) -> Floats:
    """[feature], of [statement, feature]: what the one that it speaks for has more of than the other. `counts`: what each
    counts."""
    both = np.concatenate([apart, -apart])
    right = np.arange(len(both)) < len(apart)
    model = LogisticRegression(C=PENALTY, fit_intercept=False, max_iter=3_000, tol=1e-3).fit(
        both, right, np.tile(counts, 2)
    )
    return np.asarray(model.coef_[0], dtype=np.float32)


def branches(one: Spoken) -> tuple[str, str]:
    """What is read of the one that the statement speaks for, and of the other."""
    order = (one.applied, one.free) if one.first else (one.free, one.applied)
    when = told_when(one.scope)
    return agrees(one.says, when, *order, one.applied), agrees(one.says, when, *order, one.free)


def spoken() -> list[Spoken]:
    """In the words of the options; which of them comes first alternates."""
    moments = json.loads((CASES / "moments.json").read_text(encoding="utf-8"))["statements"]
    choices = json.loads((CASES / "choices.json").read_text(encoding="utf-8"))
    negated = json.loads((CASES / "agreeing.json").read_text(encoding="utf-8"))
    found = []
    for part, cases in (("choices", choices), ("moments", moments), ("agreeing", negated)):
        for n, case in enumerate(cases):
            if (scope := circumstance(case)) is not None:
                found.append(Spoken(part, case["says"], scope, case["applied"], case["free"], n % 2 == 0))
    return found
