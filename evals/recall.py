"""Does the item that a question needs come to mind in a full memory, and by what should it be put first?

    python -m evals recall

Without a language model: one person has said as many things as `--sizes` says, drawn from the statements of `evals/cases`; the
item that the question needs lies anywhere among them, and three come to mind. `alone`: nothing else answers the question.
`updated`: the same thing was said before with other values that no rule has closed, so that the newest is right. Recency first
(as PRIME has it), saliency first, and both. One JSON line last.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from evals.memory import Case, cases
from inference.stored_embedder import Embeds, StoredEmbedder
from memory.item import Item, ItemKind
from memory.recall import ITEMS, Candidates, First, recollect
from memory.saliency import Cue
from memory.sentences import kind_of
from memory.slots import same_slot

START = datetime(2026, 1, 1, tzinfo=UTC)
Setting = Literal["alone", "updated"]
SETTINGS: tuple[Setting, ...] = get_args(Setting)
FIRSTS: tuple[First, ...] = get_args(First)
WHO = "ann"


@dataclass(frozen=True, slots=True)
class Statements:
    """`cases` that ask for something personal; `texts` of all of them, `of` whose case each is; `vectors[text, dim]` and
    `questions[case, dim]` of unit length."""

    cases: tuple[Case, ...]
    texts: tuple[str, ...]
    of: tuple[int, ...]
    vectors: NDArray[np.float32]
    questions: NDArray[np.float32]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals recall", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 40, 100, 200])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    embedder = StoredEmbedder(options.cache.expanduser() / "embedded" / "evals-recall.npz")
    found = measured(statements(embedder), options.sizes, options.seed)
    embedder.save()
    print(json.dumps(found))


def statements(embedder: Embeds) -> Statements:
    asked = tuple(c for c in cases() if c.kind != "impersonal")
    texts = tuple((text, n) for n, case in enumerate(asked) for text in case.says)
    words = tuple(text for text, _ in texts)
    return Statements(
        asked,
        words,
        tuple(n for _, n in texts),
        np.asarray(embedder.embed(words), dtype=np.float32),
        np.asarray(embedder.embed([c.asks for c in asked]), dtype=np.float32),
    )


def measured(said: Statements, sizes: Sequence[int], seed: int) -> dict[str, object]:
    """Pure. Part of the questions whose item came to mind, by setting, size of the memory and what is put first."""
    rng = random.Random(seed)
    found: dict[str, object] = {"n": len(said.cases), "items": ITEMS}
    for setting in SETTINGS:
        for size in sizes:
            memories = [memory(said, n, size, setting, rng) for n in range(len(said.cases))]
            for first in FIRSTS:
                hits = []
                for question, (candidates, needed) in zip(said.questions, memories, strict=True):
                    cue = Cue(tuple(question.tolist()), tuple(question.tolist()))
                    hits.append(needed.id in {r.trace.id for r in recollect(candidates, cue, ITEMS, first)})
                found[f"{setting}/{size}/{first}"] = part = round(fmean(hits), 4)
                print(f"{setting:8} {size:5} {first:9} {part:.3f}")
    return found


def memory(said: Statements, n: int, size: int, setting: Setting, rng: random.Random) -> tuple[Candidates, Item]:
    """About `size` statements of other cases, and among them the last one of case `n`: what a question about it needs."""
    case, own = said.cases[n], max(k for k, of in enumerate(said.of) if of == n)
    like = [k for k, of in enumerate(said.of) if of != n and _alike(said.cases[of], case, said.texts[k])]
    others = [k for k, of in enumerate(said.of) if of != n and k not in set(like)]
    pool = rng.sample(others, min(size, len(others)))
    place = rng.randrange(len(pool) + 1)
    before = pool[:place]
    if setting == "updated":
        for k in rng.sample(like, min(3, len(like))):
            before.insert(rng.randrange(len(before) + 1), k)
    order = [*before, own, *pool[place:]]
    items = tuple(_item(said.texts[k], k, day) for day, k in enumerate(order))
    return Candidates(items, said.vectors[order]), items[len(before)]


def _alike(other: Case, case: Case, text: str) -> bool:
    """Whether it says something of the same thing."""
    same = other.asks == case.asks or other.stem == case.stem
    return same or any(same_slot(one, text) for one in case.says)


def _item(text: str, number: int, day: int) -> Item:
    kind: ItemKind = kind_of(text) or "fact"
    at = START + timedelta(days=day)
    return Item(f"i{number}", kind, text, WHO, WHO, "room", at, (f"m{number}",), frozenset({WHO}), at)
