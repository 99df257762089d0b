"""How long an acknowledgement takes while the model thinks: `python -m bench acks [--model tiny] [--rate 5] [--seconds 60]`.

Two people in one room with a chatty agent send messages at a steady rate over two websockets; each send is timed on the client,
from before the frame is written to its ack. The messages leave on schedule whether or not earlier ones were acknowledged, so a
stall counts for every message that it holds up. The run log is asked afterwards: a figure without runs would say nothing.
"""

import argparse
import asyncio
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from app.client import Client, register
from app.protocol import NewAgent, PolicyView
from bench.service import running

LINES = (
    "Where shall we go on Saturday?",
    "The lake, if it stays dry.",
    "The forecast says rain after four.",
    "Then in the morning, by bicycle?",
    "Mine has a flat tyre since Tuesday.",
    "There is a shop near the station.",
    "Does anybody know when it opens?",
    "We could take the train and walk.",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """`latencies` in seconds; `thought` counts the runs in which the model was asked."""

    latencies: tuple[float, ...]
    runs: int
    thought: int
    spoken: int


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of `values` do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def summary(measured: Measured, model: str, rate: float, seconds: float) -> dict[str, object]:
    def ms(seconds: float) -> float:
        return round(seconds * 1000, 2)

    return {
        "bench": "acks",
        "p50_ms": ms(percentile(measured.latencies, 0.5)),
        "p99_ms": ms(percentile(measured.latencies, 0.99)),
        "max_ms": ms(max(measured.latencies)),
        "messages": len(measured.latencies),
        "runs": measured.runs,
        "runs_with_model": measured.thought,
        "spoken": measured.spoken,
        "model": model,
        "rate": rate,
        "seconds": seconds,
    }


async def measure(url: str, rate: float, seconds: float) -> Measured:
    ann, bob = [await register(url, name) for name in ("Ann", "Bob")]
    # No debounce and hardly a bound: the agent shall think as much as it can.
    policy = PolicyView(preset="chatty", debounce=0.0, min_gap=0.0, messages_per_hour=3600, talk_share=1.0)
    async with Client(url, ann.token) as first, Client(url, bob.token) as second:
        room = (await first.create_room("Bench", NewAgent(policy=policy))).id
        await second.join(room, await first.invite(room))
        await first.send(room, "Hello Bob")
        await second.send(room, "Hello Ann")
        latencies: list[float] = []

        async def say(client: Client, text: str) -> None:
            began = time.perf_counter()
            await client.send(room, text)
            latencies.append(time.perf_counter() - began)

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for i in range(round(rate * seconds)):
                await asyncio.sleep(max(0.0, began + i / rate - time.perf_counter()))
                group.create_task(say((first, second)[i % 2], f"{LINES[i % len(LINES)]} ({i + 1})"))
        page = await first.runs(room, limit=200)
        runs = list(page.runs)
        while page.next is not None:
            page = await first.runs(room, page.next, limit=200)
            runs += page.runs
        return Measured(
            tuple(latencies),
            len(runs),
            sum(run.gate is None for run in runs),
            sum(run.outcome == "said" for run in runs),
        )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench acks", description="Ack latency while the model thinks.")
    parser.add_argument("--model", default="tiny", help="as ASIDE_MODEL (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=5.0, help="messages a second (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60.0, help="for so long (default: %(default)s)")
    given = parser.parse_args(arguments)
    with running(given.model) as url:
        measured = asyncio.run(measure(url, given.rate, given.seconds))
    print(json.dumps(summary(measured, given.model, given.rate, given.seconds)))
    return 0
