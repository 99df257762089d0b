"""How soon a service that was started before is there again: `python -m bench start [--model tiny]`.

The first start makes the database and is not counted. The second is timed from the process's birth until `/readyz` says that the
model too is ready, and from there until a chat message in a new room has its first rated thoughts.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.client import Client, register
from app.frames import DecisionEvent
from app.protocol import NewAgent, PolicyView, RunView
from bench.service import running

FIRST_RATING_WITHIN = 120.0


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds until ready, from there to the first decision, and the run that was decided."""

    ready: float
    rating: float
    run: RunView


async def first_rating(url: str) -> RunView:
    """The first run of a new room in which a thought was rated. Raises TimeoutError."""
    ann = await register(url, "Ann")
    # No debounce: waiting for a burst to end is no part of a rating.
    agent = NewAgent(policy=PolicyView(debounce=0.0), mode="shadow")
    async with Client(url, ann.token) as client, asyncio.timeout(FIRST_RATING_WITHIN):
        room = (await client.create_room("Start", agent)).id
        await client.watch(room)
        await client.send(room, "Where shall we go on Saturday?")
        async for event in client.events():
            if isinstance(event, DecisionEvent) and event.run.thoughts:
                return event.run
    raise TimeoutError("the service ended before it rated a thought")


def measure(model: str) -> Started:
    with tempfile.TemporaryDirectory(prefix="aside-start-") as folder:
        with running(model, folder=Path(folder)):
            pass
        began = time.perf_counter()
        with running(model, folder=Path(folder)) as url:
            ready = time.perf_counter()
            run = asyncio.run(first_rating(url))
            return Started(ready - began, time.perf_counter() - ready, run)


def summary(started: Started, model: str) -> dict[str, object]:
    return {
        "bench": "start",
        "ready_seconds": round(started.ready, 2),
        "first_rating_seconds": round(started.rating, 2),
        "stages_ms": {name: round(value) for name, value in started.run.stages.items()},
        "thoughts": len(started.run.thoughts),
        "model": model,
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench start", description="A second start, and the first rating.")
    parser.add_argument("--model", default="tiny", help="as ASIDE_MODEL (default: %(default)s)")
    given = parser.parse_args(arguments)
    print(json.dumps(summary(measure(given.model), given.model)))
    return 0
