"""Whether rooms share the model: `python -m bench rooms [--model tiny] [--messages 16]`.

1, 4 and 16 rooms talk at once, each at its own pace: its next line comes when the agent has decided about the last. Every room
has a talk of 20 lines behind it and hears one line before the clock starts. The rate is decisions a second over all rooms;
each of them hears the same number of lines.
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Sequence

from bench.acks import LINES
from bench.engines import ready, thinker
from bench.talk import Room
from inference.engine import Engine
from inference.protocol import Usage

ROOMS = (1, 4, 16)
HISTORY = 20


def room(name: str, engine: Engine, seed: int) -> Room:
    """A room with its own talk: the lines in an order of its own."""
    found = Room(name, thinker(engine.model, engine.embedder), people=("Ann", "Bob", "Cem"))
    rng = random.Random(seed)
    for n in range(HISTORY):
        found.say(f"{rng.choice(LINES)} ({n + 1})")
    return found


async def measure(engine: Engine, rooms: Sequence[int], messages: int) -> dict[int, tuple[float, int, Usage]]:
    """By number of rooms: seconds, messages decided, tokens of all of them. At least `messages` messages, two a room."""
    found = {}
    for many in rooms:
        each = max(2, messages // many)
        talking = [room(f"{many}-{i}", engine, 100 * many + i) for i in range(many)]
        for one in talking:
            await one.hear("Where were we?")

        async def talk(one: Room, lines: int = each) -> Usage:
            runs = [await one.hear(LINES[n % len(LINES)]) for n in range(lines)]
            return sum((run.usage for run in runs), Usage())

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(talk(one)) for one in talking]
        found[many] = (time.perf_counter() - began, many * each, sum((task.result() for task in tasks), Usage()))
    return found


def summary(found: dict[int, tuple[float, int, Usage]], model: str) -> dict[str, object]:
    rate = {many: messages / seconds for many, (seconds, messages, _) in found.items()}
    return {
        "bench": "rooms",
        "ratio": round(rate[max(rate)] / rate[min(rate)], 3),
        "rate": {str(many): round(value, 3) for many, value in rate.items()},
        "messages": {str(many): messages for many, (_, messages, _) in found.items()},
        "prompt_tokens": {str(many): round(used.prompt / messages) for many, (_, messages, used) in found.items()},
        "cached_tokens": {str(many): round(used.cached / messages) for many, (_, messages, used) in found.items()},
        "generated_tokens": {
            str(many): round(used.generated / messages) for many, (_, messages, used) in found.items()
        },
        "model": model,
    }


async def _measured(model: str, messages: int) -> dict[str, object]:
    async with ready(model) as engine:
        return summary(await measure(engine, ROOMS, messages), model)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench rooms", description="Messages a second, by number of rooms.")
    parser.add_argument("--model", default="tiny", help="as ASIDE_MODEL (default: %(default)s)")
    parser.add_argument(
        "--messages", type=int, default=16, help="at least, in all rooms together (default: %(default)s)"
    )
    given = parser.parse_args(arguments)
    print(json.dumps(asyncio.run(_measured(given.model, given.messages))))
    return 0
