"""What is worth keeping of what people say, as what, and under which circumstances it holds. Fits three probes of a model.

    python -m training keeping --model small --ship ../shared/data/chats/train/*.jsonl

`keeping`: whether a sentence is worth remembering about who wrote it; statements of `training/cases`, some in the loose way of
chats ("rehearsals: flat shoes only"), habits that hold on some occasions (those of `moments` and `agreeing`), and news from which
it follows that an older one holds no longer, against passing remarks that share their words or their ways, and against `--chat`
sentences of real chats, which count less as some of them are statements too. Each of these is a class of its own.
`kinds`: fact, preference or event. `narrowed`: whether it holds under some circumstance only. All three read the hidden states
behind the prompts of memory/examples.py, which are kept under `--cache`. `cross`: on statements that a fit has not seen.
`rules`: what the words alone keep, or see. One JSON line last.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from conversation.chats import read_chat
from memory.examples import HOLDS, WORTH, holds, worth
from memory.probe import Floats, Probe, features, write
from memory.scope import scope
from memory.sentences import kind_of, sentences
from memory.sorting import KEEPS, KEPT, NARROWS
from training.states import States

CASES = Path(__file__).parent / "cases"
PROBES = Path(__file__).parents[1] / "memory" / "probes"
FOLDS = 10
PENALTY = 5.0
"""Inverse of the penalty. A greater one tells the sentences of the cases no better apart, and is surer of itself."""
OF_CHATS = 0.3
"""What a sentence of a chat counts beside one of the cases."""
Labels = NDArray[Any]
PASSING = ("chats", "passing", "chatter", "banter")
STATING = ("changes", "kept", "dropped", "told", "turned", "loose", "habits")
"""Parts that are classes of what is not kept and of what is; the other parts are `kept`."""
NEWS: dict[str, tuple[str, str | None]] = {
    "dropped": ("dropped", ""),
    "told": ("told", ""),
    "turned": ("turned", ""),
    "passing": ("chatter", None),
}
"""Part and kind of the newer of two, by how it stands to the older."""

BESIDE = ("beside", "around", "feigned", "veiled")
"""Relations of which nobody says whether the newer one is worth keeping."""


@dataclass(frozen=True, slots=True)
class Row:
    """`kind`: None for what passes, "" where nobody said which. `narrow`: None where nobody said."""

    text: str
    part: str
    kind: str | None
    narrow: bool | None = None


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training keeping", description=__doc__)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--model", default="small")
    parser.add_argument("--chat", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    made = rows(options.files, options.chat, options.seed)
    states = States(options.model, options.cache.expanduser())
    try:
        read, held = states.after("worth", WORTH), states.after("holds", HOLDS)
        named = [r for r in made if r.narrow is not None]
        x, z = (
            features(read.embed([worth(r.text) for r in made])),
            features(held.embed([holds(r.text) for r in named])),
        )
        read.save()
        held.save()
    finally:
        states.close()
    told = [n for n, r in enumerate(made) if r.kind]
    keep = np.array([_way(r) for r in made])
    kinds = np.array([KEPT.index(made[n].kind) for n in told])
    narrow = np.array([bool(r.narrow) for r in named])
    weights = np.array([OF_CHATS if r.part == "chats" else 1.0 for r in made])
    result = {
        "model": options.model,
        "rows": len(made),
        "keeping": _kept(made, crossed(x, keep, options.seed, weights)[:, -len(STATING) :].sum(axis=1)),
        "kinds": round(float((crossed(x[told], kinds, options.seed).argmax(axis=1) == kinds).mean()), 3),
        "narrowed": _narrow(named, crossed(z, narrow, options.seed)[:, 1]),
    }
    if options.ship:
        ship("keeping", options.model, fitted(x, keep, weights, affirming=len(STATING)))
        ship("kinds", options.model, fitted(x[told], kinds))
        ship("narrowed", options.model, fitted(z, narrow))
    print(json.dumps(result))


def rows(files: Sequence[Path], chat: int, seed: int) -> list[Row]:
    found = []
    for name, kept, passing in (("keeping", "kept", "passing"), ("loose", "loose", "banter")):
        document = _read(name)
        found += [Row(k["says"], kept, k["kind"], k["when"] is not None) for k in document["kept"]]
        found += [Row(text, passing, None) for text in document["passing"]]
    habits = (*_read("moments")["statements"], *_read("agreeing"))
    found += [Row(text, "habits", "") for text in dict.fromkeys(c["says"] for c in habits)]
    for name in ("choices", "occasions"):
        found += [Row(c["says"], name, "preference", True) for c in _read(name)]
    changes = _read("changes")
    found += [Row(c["newer"], "changes", "") for c in changes[::2] if c["relation"] not in (*NEWS, *BESIDE)]
    found += [Row(c["newer"], *NEWS[c["relation"]]) for c in changes if c["relation"] in NEWS]
    said = sorted({s for file in files for m in read_chat(file).messages for s in sentences(m.text)})
    random.Random(seed).shuffle(said)
    return [*found, *(Row(text, "chats", None) for text in said[:chat])]


def _read(name: str) -> Any:
    return json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))


def _way(row: Row) -> int:
    """Its class: the last ones are kept."""
    ways = (*PASSING, *STATING)
    return ways.index(row.part if row.part in ways else "kept")


def fitted(
    x: Floats, y: Labels, weights: Floats | None = None, penalty: float = PENALTY, *, affirming: int = 1
) -> Probe:
    """`affirming`: how many of the classes, the last ones, mean yes."""
    model = _fit(x, y, weights, penalty)
    coefficients, biases = model.coef_, model.intercept_
    if len(coefficients) == 1:  # of two classes only the second has numbers
        coefficients, biases = np.vstack([0 * coefficients, coefficients]), np.array([0.0, biases[0]])
    return Probe(biases.astype(np.float32), coefficients.astype(np.float32), affirming)


def _fit(x: Floats, y: Labels, weights: Floats | None, penalty: float = PENALTY) -> LogisticRegression:
    return LogisticRegression(C=penalty, max_iter=3_000, tol=1e-3).fit(x, y, sample_weight=weights)


def crossed(
    x: Floats, y: Labels, seed: int, weights: Floats | None = None, groups: NDArray[np.int_] | None = None
) -> Floats:
    """[row, class]: chances by fits that have not seen the row, nor any other of its group where there are `groups`."""
    found = np.zeros((len(y), len(np.unique(y))))
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    for here, there in kind(FOLDS, shuffle=True, random_state=seed).split(x, y, groups):
        found[there] = _fit(x[here], y[here], None if weights is None else weights[here]).predict_proba(x[there])
    return found


def ship(name: str, model: str, probe: Probe) -> None:
    (PROBES / f"{name}-{model}.json").write_text(write(probe), encoding="utf-8")


def _kept(made: Sequence[Row], chances: Floats) -> dict[str, object]:
    parts = list(dict.fromkeys(r.part for r in made))

    def part(name: str, kept: Sequence[bool]) -> float:
        return round(float(np.mean([k for r, k in zip(made, kept, strict=True) if r.part == name])), 3)

    ruled = [kind_of(r.text) is not None for r in made]
    own = [n for n, r in enumerate(made) if r.part != "chats"]
    return {
        "auc": _auc([made[n].kind is not None for n in own], chances[own]),
        "cross": {p: part(p, (chances >= KEEPS).tolist()) for p in parts},
        "rules": {p: part(p, ruled) for p in parts},
    }


def _narrow(named: Sequence[Row], chances: Floats) -> dict[str, Any]:
    """By part: how many of those with a circumstance are seen, and how many of those without."""
    seen = {"cross": chances >= NARROWS, "rules": np.array([scope(r.text) is not None for r in named])}
    parts, truth = np.array([r.part for r in named]), np.array([bool(r.narrow) for r in named])
    told = {
        f"{part}": {
            name: [round(float(found[(parts == part) & (truth == yes)].mean()), 3) for yes in (True, False)]
            for name, found in seen.items()
        }
        for part in ("kept", "loose")
        if part in parts
    }
    here = np.isin(parts, list(told))
    return {"auc": _auc(truth[here].tolist(), chances[here]), **told}


def _auc(truth: Sequence[bool], chances: Floats) -> float:
    return round(float(roc_auc_score(truth, chances)), 3)
