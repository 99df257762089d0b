"""How much does each ground of a choice weigh? Fits the weights of thoughts.weighing.

    python -m training weighing --model small

Statements that hold on some occasions only (`training/cases/choices.json` and `occasions.json`), each with a moment inside, where
what it says is right, and one outside, where the other of the two things is; those of `choices.json` have another one outside,
`elsewhere`, where the same thing is right for a reason of its own, which keeps a statement from deciding where it does not hold.
`--elsewhere` is what such a moment counts beside one outside: people who say what they do on some occasions mostly do otherwise
on others. Where a statement is told to hold it decides by itself, and the moment is left out. A logistic fit without a bias:
neither of the two is right because it stands first. `cross`: parts that a fit gets right on statements that it has not seen;
`each`: that one of the grounds gets right by itself. What the model answered is kept under `--cache`. One JSON line last.
"""

import argparse
import asyncio
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

from conversation.alternatives import Alternatives
from conversation.floor import Floor
from conversation.member import Member
from conversation.message import Message
from conversation.moment import Moment, Trigger
from conversation.transcript import Transcript
from inference.connect import connect
from inference.engine import Engine, until_ready
from memory.item import Item
from memory.saliency import Retrieved, Trace, cosine
from memory.scope import scope_of
from thoughts.known import Narrowed, told_when
from thoughts.occasions import APPLIES, READ, occasions
from thoughts.occasions import ASKED as occasions_asked
from thoughts.retrieval import Recall
from thoughts.weighing import ASKED, Grounds, Said, Weights, choice_of, grounds, near
from training.scope import NOW

CASES = tuple(Path(__file__).parent / "cases" / name for name in ("choices.json", "occasions.json"))
PARTS = ("inside", "outside", "elsewhere")
ANN, BOB, MIKA = Member("ann", "Ann", "member"), Member("bob", "Bob", "member"), Member("mika", "Mika", "agent")
NAMES = ("reasons", "suits", "said")
READY = 600.0
SEED = 0


@dataclass(frozen=True, slots=True)
class Row:
    """`right`: the word of the one of the two that is right there."""

    part: str
    says: str
    asks: str
    right: str


@dataclass(frozen=True, slots=True)
class Found:
    """`first`: whether the first of the two is right."""

    row: Row
    first: bool
    grounds: Grounds


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training weighing", description=__doc__)
    parser.add_argument("--model", default="small")
    parser.add_argument("--elsewhere", type=float, default=1 / 3)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    some = rows()
    found = asyncio.run(_weighed(some, options.model, options.cache.expanduser()))
    print(json.dumps({"model": options.model, "asked": len(some), **fitted(found, options.elsewhere)}))


def rows() -> list[Row]:
    cases = [case for path in CASES for case in json.loads(path.read_text(encoding="utf-8"))]
    return [
        Row(part, c["says"], f"Mika, {c[part]} {c['choice']}", c["free" if part == "outside" else "applied"])
        for c in cases
        for part in PARTS
        if part in c
    ]


async def _weighed(some: Sequence[Row], model: str, cache: Path) -> list[Found]:
    """What has no scope that the rules see, what is no choice, and what a statement decides by itself, is left out."""
    path = cache / "weighed" / f"{model.replace('/', '-')}.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    engine = connect(model, cache=cache, base_url="", api_key="", timeout=READY, threads=0)
    await engine.start()
    try:
        await until_ready(engine, READY)
        found = []
        for row in tqdm(some, desc=f"asking {model}"):
            key = hashlib.blake2b(
                repr((ASKED, occasions_asked, READ, APPLIES, row)).encode(), digest_size=12
            ).hexdigest()
            if key not in kept:
                one = await _one(row, engine)
                kept[key] = (
                    None if one is None else [one.first, *astuple(one.grounds)[:3], *map(astuple, one.grounds.said)]
                )
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(kept), encoding="utf-8")
            if kept[key] is not None:
                first, reasons, count, suits, *said = kept[key]
                found.append(Found(row, first, Grounds(reasons, count, suits, tuple(Said(*s) for s in said))))
        return found
    finally:
        await engine.close()


async def _one(row: Row, engine: Engine) -> Found | None:
    last = Message("m", 1, ANN.as_author(), row.asks, NOW)
    trigger = Trigger("addressed", 1)
    now = Moment("r", MIKA, (ANN, BOB, MIKA), Transcript((last,)), Floor(frozenset(), 5.0), trigger, NOW)
    said, place = await engine.embedder.embed([row.says, row.asks])
    choice = choice_of(now, place)
    first = None if choice is None else _first(choice, row.right)
    item = Item("i", "preference", row.says, ANN.id, ANN.id, "r", NOW, ("m",), frozenset({ANN.id, BOB.id}), NOW)
    trace = Trace("i", "item", row.says, said)
    came = Recall((Retrieved(trace, cosine(said, place)),), (), {})
    reading = (await occasions(now, came, (item,), engine.embedder, engine.model)).get("i")
    if choice is None or first is None or reading is None or reading.fit == "within":
        return None
    circumstance = scope_of(item)
    when = "" if circumstance is None else told_when(circumstance)
    narrowed = await near(choice, [Narrowed(trace, row.says, reading.holds, when)], engine.embedder)
    return Found(row, first, await grounds(choice, (), narrowed, engine.model, SEED))


def _first(choice: Alternatives, right: str) -> bool | None:
    """Whether `right` is the first of the two; None where that cannot be told."""
    there = [
        re.search(rf"\b{re.escape(right)}\b", one, re.IGNORECASE) is not None for one in (choice.first, choice.second)
    ]
    return there[0] if there[0] != there[1] else None


def fitted(found: Sequence[Found], elsewhere: float) -> dict[str, object]:
    """Pure."""
    x = np.array([_signs(f.grounds) for f in found])
    y = np.array([f.first for f in found])
    parts = np.array([f.row.part for f in found])
    weights = np.where(parts == "elsewhere", elsewhere, 1.0)
    groups = np.unique([f.row.says for f in found], return_inverse=True)[1]
    cross = np.zeros(len(y))
    for there, here in GroupKFold(10).split(x, y, groups):
        cross[here] = x[here] @ _fit(x[there], y[there], weights[there])
    return {
        "weights": dict(zip(NAMES, np.round(_fit(x, y, weights), 2).tolist(), strict=True)),
        "cross": _right(cross, y, parts),
        "each": {name: _right(x[:, n] * (-1 if name == "said" else 1), y, parts) for n, name in enumerate(NAMES)},
        "n": {part: int((parts == part).sum()) for part in PARTS},
    }


def _signs(grounds: Grounds) -> list[float]:
    """What each weight is multiplied with."""
    ones = np.eye(len(NAMES)).tolist()
    return [Weights(*one).score(grounds) for one in ones]


def _fit(x: NDArray[np.float64], y: NDArray[np.bool_], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    # Each row once more with the two things the other way round: what comes is as good for either order.
    both, right = np.vstack([x, -x]), np.concatenate([y, ~y])
    model = LogisticRegression(C=1.0, fit_intercept=False, max_iter=1_000)
    model.fit(both, right, sample_weight=np.concatenate([weights, weights]) / 2)
    found: NDArray[np.float64] = model.coef_[0]
    return found


def _right(scores: NDArray[np.float64], y: NDArray[np.bool_], parts: NDArray[np.str_]) -> dict[str, float]:
    return {part: round(float(((scores > 0) == y)[parts == part].mean()), 3) for part in PARTS if (parts == part).any()}
