"""Is a moment within the circumstances under which a statement holds? Fits the weights of memory.occasion.

    python -m training scope --model small

Fifty circumstances of `training/cases/scope.json`, each put in two ways, with moments inside, with moments outside that are
hard to tell from them, and with those of other circumstances; a bare choice stands behind each moment, as people ask. With them
go the 48 statements of `training/cases/occasions.json`, each with a moment inside and one outside that name their circumstance
nowhere. Two logistic fits: `alone` on what embeddings and words tell, and `asked` with the word of a model, on `--rated` of the
first rows and all of the second (those with times, which the calendar decides, are left out). `cross`:
accuracy on circumstances that a fit has not seen; `implied`: the same on the 48; `seen`: on the looked-at cases of
`evals/cases/scope.json`. One JSON line last.
"""

import argparse
import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from inference.connect import connect
from inference.engine import until_ready
from inference.stored_embedder import StoredEmbedder
from memory.occasion import Signs, sentences, signs
from memory.scope import Scope, scope
from thoughts.occasions import told

CASES = Path(__file__).parent / "cases" / "scope.json"
IMPLIED = Path(__file__).parent / "cases" / "occasions.json"
SEEN = Path(__file__).parent.parent / "evals" / "cases" / "scope.json"
NOW = datetime(2026, 9, 2, 12, tzinfo=UTC)
BATCH = 16
FIRST_IMPLIED = 1_000
"""Groups from here on are of `implied`."""
STRANGERS = 2
"""Moments of other circumstances for each way of putting one."""


@dataclass(frozen=True, slots=True)
class Row:
    """`said`: the statement that `scope` narrows, whole, where there is one."""

    group: int
    scope: Scope
    message: str
    within: bool
    said: str = ""


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training scope", description=__doc__)
    parser.add_argument("--model", default="")
    parser.add_argument("--rated", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    cache = options.cache.expanduser()
    made, seen = rows(options.seed), looked_at()
    plain, made = len(made), [*made, *implied()]
    embedder = StoredEmbedder(cache / "embedded" / "training-scope.npz")
    found, known = signed(made, embedder), signed(seen, embedder)
    embedder.save()
    print(json.dumps(fitted("alone", made, found, seen, known)))
    if options.model:
        few = random.Random(options.seed).sample(range(plain), options.rated)
        some = [*sorted(few), *range(plain, len(made))]
        said = asyncio.run(_told([*(made[n] for n in some), *seen], options.model, cache))
        with_word = [replace(found[n], told=word) for n, word in zip(some, said, strict=False)]
        known = [replace(s, told=word) for s, word in zip(known, said[len(some) :], strict=True)]
        print(json.dumps(fitted("asked", [made[n] for n in some], with_word, seen, known)))


def rows(seed: int) -> list[Row]:
    document = json.loads(CASES.read_text(encoding="utf-8"))
    rng = random.Random(seed)
    scopes = document["scopes"]
    found = []
    for group, one in enumerate(scopes):
        for phrase in one["phrases"]:
            strangers = [rng.choice(rng.choice(scopes)["inside"]) for _ in range(STRANGERS)]
            moments = [(m, True) for m in one["inside"]]
            moments += [(m, False) for m in (*one["outside"], *strangers) if m not in one["inside"]]
            for moment, within in moments:
                habit, choice = rng.choice(document["habits"])
                found.append(Row(group, Scope(phrase, habit), f"{moment} {choice}", within))
    return found


def looked_at() -> list[Row]:
    return _pairs(SEEN, 0)


def implied() -> list[Row]:
    return _pairs(IMPLIED, FIRST_IMPLIED)


def _pairs(file: Path, first: int) -> list[Row]:
    found = []
    for n, case in enumerate(json.loads(file.read_text(encoding="utf-8")), first):
        if (read := scope(case["says"])) is not None:
            for part in ("inside", "outside"):
                asks = " ".join(("Mika,", case[part], *([case["choice"]] if "choice" in case else [])))
                found.append(Row(n, read, asks, (part == "inside") == read.holds, case["says"]))
    return found


def signed(some: Sequence[Row], embedder: StoredEmbedder) -> list[Signs]:
    def placed(*texts: str) -> NDArray[np.float32]:
        return embedder.embed(texts)

    embedder.embed([t for r in some for t in (r.scope.words, r.message, *sentences(r.message))])
    return [
        signs(
            r.scope, r.message, NOW, placed(r.scope.words)[0], placed(r.message)[0], list(placed(*sentences(r.message)))
        )
        for r in some
    ]


async def _told(some: Sequence[Row], model: str, cache: Path) -> list[float]:
    engine = connect(model, cache=cache, base_url="", api_key="", timeout=600, threads=0)
    await engine.start()
    try:
        await until_ready(engine, 600.0)
        said: list[float] = []
        for start in range(0, len(some), BATCH):
            said += await told([(r.message, r.scope.words) for r in some[start : start + BATCH]], engine.model)
        return said
    finally:
        await engine.close()


def fitted(
    name: str, made: Sequence[Row], found: Sequence[Signs], seen: Sequence[Row], known: Sequence[Signs]
) -> dict[str, object]:
    """Of the rows that no calendar decides."""
    here = [(r, s) for r, s in zip(made, found, strict=True) if not s.time]
    there = [(r, s) for r, s in zip(seen, known, strict=True) if not s.time]
    x, y = _matrix([s for _, s in here]), np.array([r.within for r, _ in here])
    xs, ys = _matrix([s for _, s in there]), np.array([r.within for r, _ in there])
    model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=1_000)
    groups = np.array([r.group for r, _ in here])
    cross = cross_val_predict(model, x, y, groups=groups, cv=GroupKFold(10), method="predict_proba")[:, 1]
    hard = groups >= FIRST_IMPLIED
    model.fit(x, y)
    chances = model.predict_proba(xs)[:, 1]
    timed = [
        (r.within, s.time > 0) for r, s in (*zip(made, found, strict=True), *zip(seen, known, strict=True)) if s.time
    ]
    return {
        "fit": name,
        "rows": len(y),
        "bias": round(float(model.intercept_[0]), 2),
        "weights": dict(zip(_NAMES, np.round(model.coef_[0], 2).tolist(), strict=False)),
        "cross": _figures(cross, y),
        "implied": _figures(cross[hard], y[hard]),
        "seen": _figures(chances, ys),
        "timed": {"n": len(timed), "right": sum(within == said for within, said in timed)},
    }  # fmt: skip


def _figures(chances: NDArray[np.float64], y: NDArray[np.bool_]) -> dict[str, float]:
    accuracy, auc = ((chances > 0.5) == y).mean(), roc_auc_score(y, chances)
    return {"n": len(y), "accuracy": round(float(accuracy), 3), "auc": round(float(auc), 3)}


_NAMES = ("nearest", "whole", "shared", "person", "told")


def _matrix(some: Sequence[Signs]) -> NDArray[np.float64]:
    return np.array([[s.nearest, s.whole, s.shared, s.person, *([] if s.told is None else [s.told])] for s in some])
