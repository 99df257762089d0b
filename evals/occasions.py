"""Is a moment told to be within the scope of what somebody said, on the scopes of `evals memory`?

    python -m evals occasions --model small --set new

What `evals memory` measures by whole replies hangs on this first: of each statement that the rules keep, its item is held against
the question inside and the one outside, as the product does, and nothing is written. `within`, `unclear`, `outside`: parts of the
questions by what came; an item that is `within` decides, one that is `unclear` supports, one that is `outside` is left out. One
JSON line last.
"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from conversation.member import Member
from evals.memory import GROUPS, Case, Group, cases
from evals.world import READY, START, Room, asked
from inference.connect import connect
from inference.engine import Engine, until_ready
from memory.item import Item
from memory.saliency import Retrieved, Trace, cosine
from memory.sentences import kind_of
from thoughts.occasions import occasions
from thoughts.retrieval import Recall

ANN, BOB = Member("ann", "Ann", "member"), Member("bob", "Bob", "member")
FITS = ("within", "unclear", "outside")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals occasions", description=__doc__)
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--set", choices=GROUPS, default="seen")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    print(json.dumps(asyncio.run(_measured(options.model, options.set, options.cache.expanduser()))))


async def _measured(model: str, group: Group, cache: Path) -> dict[str, object]:
    engine = connect(model, cache=cache, base_url="", api_key="", timeout=READY, threads=0)
    await engine.start()
    try:
        await until_ready(engine, READY)
        scoped = [c for c in cases() if c.kind == "scope" and c.group == group]
        found = [(case.part, await _told(case, engine)) for case in tqdm(scoped, desc=f"asking {model}")]
    finally:
        await engine.close()
    return {"model": model, "set": group, **report(found)}


async def _told(case: Case, engine: Engine) -> str | None:
    """None where the rules keep no fact or preference."""
    (said,) = case.says
    if (kind := kind_of(said)) not in ("fact", "preference"):
        return None
    item = Item("i", kind, said, ANN.id, ANN.id, "r", START, ("m",), frozenset({ANN.id, BOB.id}), START)
    moment = asked(Room("r", (ANN, BOB)), ANN, case.asks)
    mine, here = await engine.embedder.embed([said, case.asks])
    came = Recall((Retrieved(Trace("i", "item", said, mine), cosine(mine, here)),), (), {})
    # What has no scope holds always, and supports.
    read = (await occasions(moment, came, (item,), engine.embedder, engine.model)).get("i")
    return "unclear" if read is None else read.fit


def report(found: Sequence[tuple[str, str | None]]) -> dict[str, object]:
    """Pure. `found`: the part of each question, and what came."""
    by = {part: Counter(fit for p, fit in found if p == part and fit is not None) for part in ("inside", "outside")}
    return {
        **{part: {fit: round(n[fit] / max(1, n.total()), 4) for fit in FITS} for part, n in by.items()},
        "kept": round(sum(fit is not None for _, fit in found) / max(1, len(found)), 4),
        "n": {part: n.total() for part, n in by.items()},
    }
