"""Must who asks not change the answer? Fits conversation/asked.json, which is read of each message before memory is used.

    python -m training asking --ship

Rows are made of `training/cases/asking.json`: facts and fallacies, opinions and what people did, each said in many ways, beside
questions of the world; against them questions that only the people in the talk can answer, small talk, the moments of
`training/cases/scope.json`, and the same ways of saying it filled with what is true of the talkers alone ("is it correct to say
that our boat is called Heron?"). `cross`: on ways of saying it and on things said of which a fit has seen neither; `rules`: what
the words alone tell, on all rows. One JSON line last.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from conversation.asked import KINDS, Reading, write
from conversation.question import asking, impersonal
from inference.stored_embedder import StoredEmbedder

CASES = Path(__file__).parent / "cases"
SHIPPED = Path(__file__).parents[1] / "conversation" / "asked.json"
PEOPLE = ("Leo", "Ana")
FOLDS = 5
PLACE, WORDS = 4.0, 2.0
"""By which the features are scaled, so that one penalty suits both."""
PENALTY = 0.5
EACH = {"claims": 8, "opinions": 2, "ours": 6}
"""Things said in each way of claiming."""


@dataclass(frozen=True, slots=True)
class Row:
    """`way` and `what`: how it is said, and what; a whole sentence is both."""

    text: str
    impersonal: bool
    way: str
    what: str
    part: str


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training asking", description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    made = rows(options.seed)
    embedder = StoredEmbedder(options.cache.expanduser() / "embedded" / "training-asking.npz")
    x = features([r.text for r in made], embedder)
    embedder.save()
    y = np.array([r.impersonal for r in made])
    print(json.dumps(measured(made, crossed(made, x, y, options.seed))))
    if options.ship:
        SHIPPED.write_text(write(reading(fitted(x, y))), encoding="utf-8")


def rows(seed: int) -> list[Row]:
    document = json.loads((CASES / "asking.json").read_text(encoding="utf-8"))
    scopes = json.loads((CASES / "scope.json").read_text(encoding="utf-8"))
    rng = random.Random(seed)
    found: list[Row] = []

    def said(ways: str, what: str, number: int, *, impersonal: bool) -> None:
        for way in document[ways]:
            for one in rng.sample(document[what], number):
                found.append(Row(_said(way, one), impersonal, way, one, f"{what} in {ways}"))

    for what, number in EACH.items():
        said("claim_ways", what, number, impersonal=what != "ours")
    said("opinion_ways", "opinions", 6, impersonal=True)
    said("deed_ways", "deeds", 8, impersonal=True)
    said("deed_talk", "deeds", 6, impersonal=False)
    found += [Row(text, True, text, text, "world") for text in document["world"]]
    for what in ("claims", "ours"):
        bare = [_said("{Claim}.", one) for one in document[what]]
        found += [Row(text, what == "claims", text, text, f"{what} alone") for text in bare]
    deeds = [_said("{Deed}.", deed) for deed in document["deeds"]]
    found += [Row(text, False, text, text, "deeds alone") for text in deeds]
    found += [Row(text, False, text, text, part) for part in ("personal", "other") for text in document[part]]
    for one in scopes["scopes"]:
        for moment in (*one["inside"][:2], *one["outside"][:2]):
            text = f"{moment} {rng.choice(scopes['habits'])[1]}"
            found.append(Row(text, False, one["phrases"][0], one["phrases"][0], "moments"))
    return found


def _said(way: str, what: str) -> str:
    capital = what[0].upper() + what[1:]
    return way.replace("{Claim}", capital).replace("{Deed}", capital).replace("{claim}", what).replace("{deed}", what)


def features(texts: Sequence[str], embedder: StoredEmbedder) -> NDArray[np.float64]:
    """[text, dim + kinds]"""
    words = [[kind == asking(text, PEOPLE) for kind in KINDS] for text in texts]
    return np.hstack([PLACE * embedder.embed(texts), WORDS * np.array(words, dtype=np.float64)])


def fitted(x: NDArray[np.float64], y: NDArray[np.bool_]) -> LogisticRegression:
    return LogisticRegression(C=PENALTY, class_weight="balanced", max_iter=2_000).fit(x, y)


def crossed(made: Sequence[Row], x: NDArray[np.float64], y: NDArray[np.bool_], seed: int) -> NDArray[np.float64]:
    """Chances where neither the way nor what is said was fitted on; NaN elsewhere."""
    ways, whats = _folds([r.way for r in made], seed), _folds([r.what for r in made], seed + 1)
    whats = np.where([r.way == r.what for r in made], ways, whats)
    found = np.full(len(made), np.nan)
    for fold in range(FOLDS):
        here, elsewhere = (ways == fold) & (whats == fold), (ways != fold) & (whats != fold)
        found[here] = fitted(x[elsewhere], y[elsewhere]).predict_proba(x[here])[:, 1]
    return found


def _folds(some: Sequence[str], seed: int) -> NDArray[np.int_]:
    names = sorted(set(some))
    random.Random(seed).shuffle(names)
    at = {name: n % FOLDS for n, name in enumerate(names)}
    return np.array([at[one] for one in some])


def measured(made: Sequence[Row], chances: NDArray[np.float64]) -> dict[str, object]:
    known = [(r, c) for r, c in zip(made, chances.tolist(), strict=True) if not np.isnan(c)]
    parts = dict.fromkeys(r.part for r in made)

    def right(some: Sequence[tuple[Row, float]]) -> float:
        return round(sum((c >= 0.5) == r.impersonal for r, c in some) / max(1, len(some)), 3)

    rules = [impersonal(asking(r.text, PEOPLE)) == r.impersonal for r in made]
    return {
        "rows": len(made),
        "cross": {
            "n": len(known),
            "accuracy": right(known),
            "auc": round(float(roc_auc_score([r.impersonal for r, _ in known], [c for _, c in known])), 3),
            "parts": {part: right([(r, c) for r, c in known if r.part == part]) for part in parts},
        },
        "rules": round(sum(rules) / len(rules), 3),
    }


def reading(model: LogisticRegression) -> Reading:
    weights = model.coef_[0]
    place, words = PLACE * weights[: -len(KINDS)], WORDS * weights[-len(KINDS) :]
    return Reading(float(model.intercept_[0]), tuple(place.tolist()), tuple(words.tolist()))
