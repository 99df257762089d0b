"""Does Coherence tell a reply that came from a message of another chat?

    python -m evals coherence ../shared/data/chats/dev --model tiny

Each pair is a reply of a real chat and a random message of another, read at the same place, under the prompt and the whole window
under which thoughts are read; the names that they are addressed to are removed from both. One JSON line last: `auc` of what
Coherence measures with this model (its learned reader, where it has one), `interval` (95 %, by drawing chats anew), `auc_hard`
against a reply of another chat, and `auc_gain`, `auc_nearest` of the gain in log-probability and of the largest cosine alone.
"""

import argparse
import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from conversation.places import Kind, Place, places, told_apart
from heuristics.reader import Reader, gain, reader_for
from inference.connect import connect
from inference.engine import until_ready
from thoughts.examples import Example, examples
from thoughts.prompts import STEP

DRAWS = 1_000
READY = 600.0
"""Seconds that a model may take to load."""
Measure = Callable[[Example], float]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals coherence", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--window", type=int, default=2 * STEP, help="messages of talk read at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    asked = places(sorted(options.folder.glob("*.jsonl")), options.pairs, 0, options.seed)
    read = asyncio.run(_read(asked, options.model, options.cache, options.window))
    print(json.dumps({"model": options.model, **figures(read, reader_for(options.model), options.seed)}))


async def _read(asked: Sequence[Place], model: str, cache: Path, window: int) -> list[Example]:
    engine = connect(model, cache=cache, base_url="", api_key="", timeout=300, threads=0)
    await engine.start()
    try:
        await until_ready(engine, READY)
        return [
            example
            for place in tqdm(asked, desc=f"reading with {model}")
            for example in await examples(place, engine.model, engine.embedder, window)
        ]
    finally:
        await engine.close()


def measured(reader: Reader | None) -> Measure:
    """What Coherence measures of a thought."""

    def measure(example: Example) -> float:
        by_reader = {} if reader is None else reader.read(example.reading, example.near)
        return by_reader.get("coherence", gain(example.reading))

    return measure


def figures(read: Sequence[Example], reader: Reader | None, seed: int) -> dict[str, object]:
    """Pure. `read` holds replies that came and messages from elsewhere."""
    by_chat: dict[str, list[Example]] = {}
    for example in read:
        by_chat.setdefault(example.place.chat, []).append(example)
    own = measured(reader)
    whole = list(by_chat.values())
    low, high = _interval(by_chat, own, seed)
    return {
        "auc": round(_auc(whole, own, "elsewhere"), 3),
        "interval": [round(low, 3), round(high, 3)],
        "auc_hard": round(_auc(whole, own, "reply elsewhere"), 3),
        "auc_gain": round(_auc(whole, lambda e: gain(e.reading), "elsewhere"), 3),
        "auc_nearest": round(_auc(whole, lambda e: max((n.cosine for n in e.near), default=0.0), "elsewhere"), 3),
        "pairs": sum(e.candidate.kind == "true" for e in read),
        "chats": len(by_chat),
    }


def _auc(chats: Sequence[Sequence[Example]], measure: Measure, against: Kind) -> float:
    came = [measure(e) for chat in chats for e in chat if e.candidate.kind == "true"]
    did_not = [measure(e) for chat in chats for e in chat if e.candidate.kind == against]
    return told_apart(came, did_not)


def _interval(by_chat: Mapping[str, Sequence[Example]], own: Measure, seed: int) -> tuple[float, float]:
    """The middle 95 % of the AUC when chats are drawn with replacement: messages of one chat are not independent."""
    rng = random.Random(seed)
    values = {id(e): own(e) for chat in by_chat.values() for e in chat}
    chats = list(by_chat.values())
    drawn = sorted(_auc(rng.choices(chats, k=len(chats)), lambda e: values[id(e)], "elsewhere") for _ in range(DRAWS))
    return drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS)]
