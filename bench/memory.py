"""What memory costs: `python -m bench memory [--items 10000] [--members 8] [--rounds 300] [--model scripted]`.

Retrieval: a database of `items` items of `members` people, said before audiences of every size; a room with all of them, or with
some, asks what it may hear and what comes to mind, from the database to the lines of a prompt, without embedding the message.
Writing: a room is read for what is worth keeping, batch after batch, while people write into it; an acknowledgement then is
compared with one while nothing is read.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.clock import WallClock
from app.protocol import NewAgent
from app.remembering import Remembering
from app.server import settle
from app.store import Store
from app.store.database import Database
from app.store.items import insert_items
from app.tasks import Tasks
from bench.engines import ready
from conversation.message import Author
from memory.item import Item, ItemKind
from memory.recall import recollect
from memory.saliency import Cue

START = datetime(2026, 1, 1, tzinfo=UTC)
KINDS: tuple[ItemKind, ...] = ("fact", "preference", "event", "claim")
DIM = 384
TEXTS = (
    "I live in the {} street by the harbour.",
    "I like {} in the morning.",
    "We went to the {} on Sunday and it rained.",
    "My {} is older than I am.",
)
THINGS = ("lake", "museum", "bicycle", "garden", "kitchen", "library", "market", "station", "orchard", "theatre")


def vectors(count: int, rng: random.Random) -> NDArray[np.float32]:
    """Unit vectors around a few dozen directions, as texts about a few dozen things are."""
    centres = np.random.default_rng(0).normal(size=(40, DIM))
    numbers = np.random.default_rng(rng.randrange(2**32))
    made = centres[numbers.integers(0, 40, count)] + 1.2 * numbers.normal(size=(count, DIM))
    unit: NDArray[np.float32] = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    return unit


def items_of(people: Sequence[str], room: str, count: int, rng: random.Random) -> list[Item]:
    """A third said before everybody, the rest before some; one in ten closes the last of its person and kind."""
    placed = vectors(count, rng).tolist()
    last: dict[tuple[str, str], str] = {}
    made = []
    for n in range(count):
        who, kind = rng.choice(people), rng.choice(KINDS)
        some = people if rng.random() < 0.34 else rng.sample(people, rng.randint(1, len(people)))
        earlier = last.get((who, kind))
        at = START + timedelta(minutes=n)
        text = rng.choice(TEXTS).format(rng.choice(THINGS))
        replaces = (earlier,) if earlier is not None and rng.random() < 0.1 else ()
        heard = frozenset({who, *some})
        item = Item(f"i{n}", kind, f"{text} ({n})", who, who, room, at, (f"m{n}",), heard, at, replaces=replaces)
        made.append(Item(**{**{f: getattr(item, f) for f in Item.__slots__}, "embedding": tuple(placed[n])}))
        last[who, kind] = item.id
    return made


async def retrieval(store: Store, people: Sequence[str], rounds: int, rng: random.Random) -> dict[str, float]:
    """Milliseconds from the question to the items that come to mind, over `rounds` with different members present."""
    cues = vectors(rounds, rng).tolist()
    took, came, among = [], 0, 0
    for n in range(rounds):
        present = people if n % 2 == 0 else rng.sample(people, rng.randint(1, len(people)))
        cue = Cue(tuple(cues[n]), tuple(cues[n]))
        began = time.perf_counter()
        found = await store.items.candidates(present, DIM)
        came += len(recollect(found, cue))
        took.append(1_000 * (time.perf_counter() - began))
        among += len(found.items)
    return {
        "p50_ms": round(float(np.percentile(took, 50)), 2),
        "p99_ms": round(float(np.percentile(took, 99)), 2),
        "came": round(came / rounds, 2),
        "among": round(among / rounds, 1),
    }


async def acks(store: Store, room: str, author: Author, count: int, tag: str) -> list[float]:
    """Milliseconds until a message is durable, one every few milliseconds."""
    took = []
    for n in range(count):
        began = time.perf_counter()
        await store.messages.post(room, author, f"{tag}-{n}", f"I like {tag} number {n}.", None, datetime.now(UTC))
        took.append(1_000 * (time.perf_counter() - began))
        await asyncio.sleep(0.005)
    return took


async def writing(store: Store, model: str, room: str, author: Author, messages: int) -> dict[str, float]:
    clock, tasks = WallClock(), Tasks()
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(ready(model))
        stack.push_async_callback(tasks.close)
        remembering = Remembering(store, engine, clock, tasks, 0)
        stack.push_async_callback(remembering.close)
        while await remembering.read(room, None):  # a first reading, so that all is loaded
            pass
        plain = await acks(store, room, author, messages, "tea")
        busy = True

        async def read() -> int:
            batches = 0
            while busy:
                await remembering.read(room, None)
                batches += 1
                await asyncio.sleep(0)
            return batches

        reading = asyncio.ensure_future(read())
        during = await acks(store, room, author, messages, "cake")
        busy = False
        batches = await reading
    return {
        "ack_p50_ms": round(float(np.percentile(plain, 50)), 2),
        "ack_p99_ms": round(float(np.percentile(plain, 99)), 2),
        "ack_p50_ms_while_written": round(float(np.percentile(during, 50)), 2),
        "ack_p99_ms_while_written": round(float(np.percentile(during, 99)), 2),
        "batches": batches,
    }


async def measure(folder: str, arguments: argparse.Namespace) -> dict[str, object]:
    rng = random.Random(arguments.seed)
    database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'memory.db'}")
    await database.migrate()
    committing = asyncio.ensure_future(database.committer.run())
    store = Store(database, lambda: arguments.model)
    try:
        people = [(await store.users.add(f"P{n}", START)).id for n in range(arguments.members)]
        room = await store.rooms.create("Bench", people[0], NewAgent(), START)
        made = items_of(people, room, arguments.items, rng)
        for start in range(0, len(made), 500):
            await database.write(partial(insert_items, new=made[start : start + 500]))
        await retrieval(store, people, 10, rng)
        settle()  # as the service does once it has started
        found = await retrieval(store, people, arguments.rounds, rng)
        wrote = await writing(store, arguments.model, room, Author(people[0], "P0", "human"), arguments.messages)
        kept = await store.items.count()
    finally:
        database.committer.close()
        await committing
        await database.close()
    return {
        "bench": "memory",
        "items": arguments.items,
        "members": arguments.members,
        **found,
        **wrote,
        "kept": kept - arguments.items,
        "model": arguments.model,
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench memory")
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--members", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--model", default="scripted")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(measure(folder, given))))
    return 0
