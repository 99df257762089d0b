"""From send to delivered, durable in between: `python -m bench fanout [--seconds 20] [--small]`.

Three crowds, each with a service of its own over SQLite (WAL, synchronous=FULL): rooms of 8 that together get 1,000 messages a
second; rooms of 100 that get 150; and those again with 100 of the 1,000 readers stalled: they read nothing, and the kernel keeps
little for them. Messages leave on a schedule, whatever became of earlier ones, and each delivery is timed from when its message
was due: a stall counts for everything that it holds up. Client and service share the machine, and its one clock. The client
does not look through its own memory for garbage meanwhile: 50 ms of that, in which it reads nothing, would be the service's.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import resource
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.acks import percentile
from bench.herd import Sheep, dial, scatter
from bench.seeding import Seat, seat
from bench.victims import App

WARM = 2.0
"""Seconds of the same traffic before anything is counted."""
SMALL_BUFFER = 4096
FILLER = "x" * 7000
"""What a stalled reader is sent until its buffers are full, so that it is stalled for the service too."""
MARK = b'"text":"due '


@dataclass(frozen=True, slots=True)
class Crowd:
    rooms: int
    people: int
    rate: float
    """Messages a second in all rooms together."""


SMALL_ROOMS = Crowd(50, 8, 1000.0)
LARGE_ROOMS = Crowd(10, 100, 150.0)


@dataclass
class Taken:
    """Seconds from due to delivered, of all readers that read; and what they counted of gaps and refusals."""

    latencies: list[float] = field(default_factory=list)
    counting: bool = False
    sent: int = 0
    wrong: int = 0
    behind: int = 0
    resyncs: int = 0

    def heard(self, sheep: Sheep, payload: bytes) -> None:
        if self.counting and (at := payload.find(MARK)) >= 0:
            at += len(MARK)
            due = float(payload[at : payload.index(b" ", at)])
            if due > 0:
                self.latencies.append(time.monotonic() - due)

    def ms(self, share: float) -> float:
        return round(percentile(self.latencies, share) * 1000, 2)


async def talk(herd: Sequence[Sheep], crowd: Crowd, seconds: float, taken: Taken, name: str, text: str = "") -> None:
    """`crowd.rate` messages a second, by everybody in turn, room after room. `name`: of these messages alone."""
    order = [herd[room * crowd.people + person] for person in range(crowd.people) for room in range(crowd.rooms)]
    began = time.monotonic()
    for number in range(round(crowd.rate * seconds)):
        due = began + number / crowd.rate
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        stamp = due if taken.counting else 0.0
        order[number % len(order)].send(f"{name}-{number}", f"due {stamp:.6f} {text}")
        taken.sent += 1


def heads(herd: Sequence[Sheep]) -> dict[str, int]:
    """How far anybody of each room has got."""
    found: dict[str, int] = {}
    for one in herd:
        found[one.seat.room] = max(one.seen, found.get(one.seat.room, 0))
    return found


def level_with(herd: Sequence[Sheep], sent: int) -> list[Sheep]:
    """Those that have all that anybody of their room has, and those that the service let go: they would come back for it. Nobody
    as long as less than `sent` has arrived in all rooms together."""
    there = heads(herd)
    if sum(there.values()) < sent:
        return []
    return [one for one in herd if one.transport is None or one.seen == there[one.seat.room]]


async def level(herd: Sequence[Sheep], sent: int, within: float = 20.0) -> None:
    """Returns once all are level, or after `within` seconds."""
    until = time.monotonic() + within
    while len(level_with(herd, sent)) < len(herd) and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.2)


async def measure(app: App, seats: Sequence[Seat], crowd: Crowd, seconds: float, stalled: int = 0) -> Taken:
    taken = Taken()
    herd = [Sheep(one, taken.heard) for one in seats]
    await asyncio.to_thread(app.start)
    # The last of each room stall; they would speak last.
    idle = {i for i in range(len(herd)) if i % crowd.people >= crowd.people - stalled // crowd.rooms}
    await dial(app.url, [one for i, one in enumerate(herd) if i not in idle])
    await dial(app.url, [herd[i] for i in sorted(idle)], SMALL_BUFFER)
    # Who is stalled says nothing either: their places are taken by those who read.
    speaking = [herd[i if i not in idle else i - i % crowd.people] for i in range(len(herd))]
    taken.sent = sum(heads(herd).values())  # of an earlier crowd in the same rooms
    for i in idle:
        herd[i].stall(True)
    if idle:
        await talk(speaking, crowd, 4 * WARM, taken, f"fill {stalled}", FILLER)
    await talk(speaking, crowd, WARM, taken, f"warm {stalled}")
    taken.counting = True
    await talk(speaking, crowd, seconds, taken, f"run {stalled}")
    reading = [one for i, one in enumerate(herd) if i not in idle]
    await level(reading, taken.sent)
    taken.counting = False
    for i in idle:
        herd[i].stall(False)
    # Those who were stalled find out, read the log, and have everything in the end; or the service gave them up.
    await level(herd, taken.sent)
    taken.behind = len(herd) - len(level_with(herd, taken.sent))
    await scatter(herd)
    taken.wrong = sum(one.gaps > 0 or bool(one.errors) for one in reading)
    taken.resyncs = sum(herd[i].resyncs for i in idle)
    return taken


@contextlib.contextmanager
def service(crowd: Crowd) -> Iterator[tuple[App, list[Seat]]]:
    with tempfile.TemporaryDirectory(prefix="aside-fanout-") as name:
        url = f"sqlite+aiosqlite:///{name}/aside.db"
        app = App(url, "", Path(name))
        try:
            yield app, asyncio.run(seat(url, crowd.rooms, crowd.people))
        finally:
            app.kill()


def verdict(result: Mapping[str, Any]) -> int:
    """1 where anything went astray, or too much came."""
    return 1 if any(result["missing"]) or result["wrong"] or result["behind_at_the_end"] else 0


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench fanout", description="From send to delivered.")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each crowd (default: %(default)s)")
    parser.add_argument("--small", action="store_true", help="a tenth of the crowds for two seconds: for CI")
    given = parser.parse_args(arguments)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    gc.disable()
    small, large, seconds, stalled = SMALL_ROOMS, LARGE_ROOMS, given.seconds, 100
    if given.small:
        small, large, seconds, stalled = Crowd(5, 8, 100.0), Crowd(2, 50, 20.0), 2.0, 10
    with service(small) as (app, seats):
        first = asyncio.run(measure(app, seats, small, seconds))
    with service(large) as (app, seats):
        second = asyncio.run(measure(app, seats, large, seconds))
        app.kill()
        third = asyncio.run(measure(app, seats, large, seconds, stalled))
    gc.enable()
    result = {
        "bench": "fanout",
        "p50_ms": first.ms(0.5),
        "p99_ms": first.ms(0.99),
        "p50_ms_large_rooms": second.ms(0.5),
        "p99_ms_large_rooms": second.ms(0.99),
        "p99_ms_beside_stalled": third.ms(0.99),
        "stalled_ratio": round(third.ms(0.99) / second.ms(0.99), 2),
        "deliveries": [len(one.latencies) for one in (first, second, third)],
        "missing": [
            round(crowd.rate * seconds) * readers - len(one.latencies)
            for crowd, readers, one in (
                (small, small.people, first),
                (large, large.people, second),
                (large, large.people - stalled // large.rooms, third),
            )
        ],
        "wrong": first.wrong + second.wrong + third.wrong,
        "behind_at_the_end": first.behind + second.behind + third.behind,
        "resyncs_of_stalled": third.resyncs,
    }
    print(json.dumps(result))
    return verdict(result)
