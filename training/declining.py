"""Does a reply to a question refuse it? Fits personalization/declining.npz, which hears what the phrases of
`personalization/declining.py` do not.

    python -m training declining ../shared/data/chats/train --ship

Rows are `training/cases/declining.json`, refusals and answers that share words with them, beside what people answer who have a
preference (`personalization/phrasings`) and lines of real chats, which answer nothing. A support vector machine on the sentence
embedding, its score made a chance on rows that its fit has not seen; `cross` is measured there. One JSON line last.
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
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC

from conversation.chats import read_chat
from inference.stored_embedder import StoredEmbedder
from personalization.declining import LIKELY, Refusals, phrased_so, save
from personalization.phrasing import phrased, phrasing_for
from personalization.space import SERVED

CASES = Path(__file__).parent / "cases" / "declining.json"
SHIPPED = Path(__file__).parents[1] / "personalization" / "declining.npz"
LINES = 600
"""Of real chats."""
WEIGHTS = {"declines": 1.0, "answers": 1.0, "phrases": 0.3, "lines": 0.3}
"""Of a row in the fit: what is easy to tell is plenty."""
GAMMA, PENALTY, FOLDS = 1.0, 3.0, 8
REFUSING = ("questions", "bothered")
"""Who says that they mind being asked refuses: no row of what is none."""


@dataclass(frozen=True, slots=True)
class Row:
    text: str
    part: str

    @property
    def refuses(self) -> bool:
        return self.part == "declines"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training declining", description=__doc__)
    parser.add_argument("chats", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    made = rows(options.chats, options.seed)
    embedder = StoredEmbedder(options.cache.expanduser() / "embedded" / "training-declining.npz")
    x = embedder.embed([r.text for r in made])
    embedder.save()
    scores = crossed(made, x, options.seed)
    found = fitted(made, x, scores)
    print(json.dumps(measured(made, [found.calibrated(float(s)) for s in scores])))
    if options.ship:
        save(found, SHIPPED)


def rows(chats: Path, seed: int) -> list[Row]:
    rng = random.Random(seed)
    document = json.loads(CASES.read_text(encoding="utf-8"))
    found = [Row(text, part) for part in ("declines", "answers") for text in document[part]]
    words = phrasing_for(SERVED)
    said = [s for d, values in words.said.items() for v, some in values.items() if (d, v) != REFUSING for s in some]
    found += [Row(phrased(s, rng), "phrases") for s in (*said, *words.vague, *words.off)]
    lines = [m.text for path in sorted(chats.glob("*.jsonl")) for m in read_chat(path).messages if m.text.strip()]
    return found + [Row(text, "lines") for text in rng.sample(lines, min(LINES, len(lines)))]


def _fit(made: Sequence[Row], x: NDArray[np.float32]) -> SVC:
    weights = [WEIGHTS[r.part] for r in made]
    return SVC(C=PENALTY, gamma=GAMMA).fit(x, [r.refuses for r in made], sample_weight=weights)


def crossed(made: Sequence[Row], x: NDArray[np.float32], seed: int) -> NDArray[np.float64]:
    """[row] scores of fits that have not seen the row."""
    found = np.zeros(len(made))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for seen, held in folds.split(x, [r.part for r in made]):
        found[held] = _fit([made[i] for i in seen], x[seen]).decision_function(x[held])
    return found


def fitted(made: Sequence[Row], x: NDArray[np.float32], scores: NDArray[np.float64]) -> Refusals:
    """`scores`: of `crossed`, by which a score is made a chance."""
    machine = _fit(made, x)
    even = LogisticRegression().fit(
        scores[:, None], [r.refuses for r in made], sample_weight=[WEIGHTS[r.part] for r in made]
    )
    return Refusals(
        vectors=machine.support_vectors_.astype(np.float16),
        weights=machine.dual_coef_[0].astype(np.float32),
        bias=float(machine.intercept_[0]),
        gamma=GAMMA,
        slope=float(even.coef_[0, 0]),
        offset=float(even.intercept_[0]),
    )


def measured(made: Sequence[Row], chances: Sequence[float]) -> dict[str, object]:
    """Pure. `heard`: parts of the rows taken for refusals, by phrases or by chance; `phrases`: by phrases alone."""

    def part(name: str, *, alone: bool = False) -> float:
        some = [(r, c) for r, c in zip(made, chances, strict=True) if r.part == name]
        return round(sum(phrased_so(r.text) or (not alone and c >= LIKELY) for r, c in some) / max(1, len(some)), 4)

    told = [(r.refuses, c) for r, c in zip(made, chances, strict=True) if r.part in ("declines", "answers")]
    return {
        "rows": {name: sum(r.part == name for r in made) for name in WEIGHTS},
        "cross": {
            "auc": round(float(roc_auc_score([y for y, _ in told], [c for _, c in told])), 3),
            "heard": {name: part(name) for name in WEIGHTS},
        },
        "phrases": {name: part(name, alone=True) for name in WEIGHTS},
    }
