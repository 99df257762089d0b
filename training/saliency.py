"""What is near for this embedder? Cosines of random pairs, of answers and of repeats in real chats, and of a memory with chat.

    python -m training saliency ../shared/data/chats/train/*.jsonl

One JSON line last: percentiles of each kind of pair. memory.saliency.THRESHOLD and thoughts.reservoir.SAME and SAID are read
from it.
"""

import argparse
import asyncio
import json
import random
from collections.abc import Sequence
from pathlib import Path

from conversation.chats import read_chat
from inference.connect import connect
from inference.engine import until_ready
from inference.protocol import Embedder
from memory.saliency import Vector, cosine

PAIRS = 2_000
PERCENTILES = (5, 25, 50, 75, 90, 95, 99)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training saliency", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    print(json.dumps(asyncio.run(_measure(options.files, options.seed))))


async def _measure(files: Sequence[Path], seed: int) -> dict[str, dict[str, float]]:
    rng = random.Random(seed)
    answers, randoms = [], []
    for path in files:
        chat = [m for m in read_chat(path).messages if len(m.text.split()) >= 4]
        by_id = {m.id: m for m in chat}
        answers += [(m.text, by_id[m.reply_to].text) for m in chat if m.reply_to in by_id and m.reply_to != m.id]
        randoms += [(rng.choice(chat).text, rng.choice(chat).text) for _ in range(PAIRS // len(files) + 1)]
    answers = rng.sample(answers, min(PAIRS, len(answers)))
    engine = connect("tiny", cache=Path("~/.cache/aside"), base_url="", api_key="", timeout=300, threads=0)
    await engine.start()
    try:
        await until_ready(engine, 120.0)
        return {
            "random": await percentiles(randoms, engine.embedder),
            "answer": await percentiles(answers, engine.embedder),
        }
    finally:
        await engine.close()


async def percentiles(pairs: Sequence[tuple[str, str]], embedder: Embedder) -> dict[str, float]:
    """Of the cosines of `pairs`, by name."""
    texts = [text for pair in pairs for text in pair]
    vectors: list[Vector] = []
    for start in range(0, len(texts), 64):
        vectors += await embedder.embed(texts[start : start + 64])
    cosines = sorted(cosine(vectors[i], vectors[i + 1]) for i in range(0, len(vectors), 2))
    return {f"p{p}": round(cosines[min(len(cosines) - 1, len(cosines) * p // 100)], 3) for p in PERCENTILES}
