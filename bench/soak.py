"""Whether anything grows: `python -m bench soak [--minutes 30] [--rooms 50] [--model tiny] [--small]`.

People of fifty rooms, each with an agent, come, write, go offline, leave the room and are let in again. Memory is the service's
resident set (beside it stands that of the model, another process) after each sixth of the time, the last while all goes on. Then
everybody goes: when the rooms have left memory, there must be as many tasks of the loop and descriptors as before the first came.
Files of the database are not counted among them: it keeps as many as its pools may have.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from app.client import Client, ClientError
from app.protocol import NewAgent, PolicyView
from bench.seeding import Seat, seat
from bench.sockets import resident
from bench.victims import App

PEOPLE = 4
"""In a room."""
PARTS = 6
"""Of the time: after each, memory is taken. The first, minute 5 of 30, is what the last is held against."""
SETTLE = 60.0
"""Seconds within which a message is to be acknowledged."""
GONE = 600.0
"""Seconds within which what was there for somebody must be gone after them: fifty rooms first think to the end."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, each drawn between two: how long somebody stays, how long they are away, between two messages of theirs; and how
    long a room is kept that nobody needs."""

    stay: tuple[float, float] = (30.0, 180.0)
    away: tuple[float, float] = (10.0, 90.0)
    pause: tuple[float, float] = (15.0, 60.0)
    idle: float = 20.0


NONE_OF = ("unanswered", "rooms_left", "tasks_leaked", "descriptors_leaked", "tracebacks")
"""Of the result: any of them makes it bad."""
SMALL = Pace((3.0, 12.0), (1.0, 6.0), (0.5, 2.0), 3.0)


@dataclass
class Done:
    messages: int = 0
    arrivals: int = 0
    left: int = 0
    unanswered: int = 0
    """Within SETTLE; where the machine itself stood still for a while, that counts here too."""
    refused: dict[str, int] = field(default_factory=dict)


async def live(
    url: str, mine: Seat, owner: Seat, pace: Pace, rng: random.Random, stop: asyncio.Event, done: Done
) -> None:
    """One person's comings and goings until `stop`."""
    await rest(stop, rng.uniform(0, pace.away[1]))
    while not stop.is_set():
        done.arrivals += 1
        async with Client(url, mine.token, {mine.room: 0}) as client:
            hearing = asyncio.ensure_future(hear(client))
            until = time.monotonic() + rng.uniform(*pace.stay)
            while time.monotonic() < until and not stop.is_set():
                try:
                    await asyncio.wait_for(client.send(mine.room, f"What about number {done.messages}?"), SETTLE)
                    done.messages += 1
                except ClientError as error:
                    done.refused[str(error)[:60]] = done.refused.get(str(error)[:60], 0) + 1
                except TimeoutError:
                    done.unanswered += 1
                await rest(stop, rng.uniform(*pace.pause))
            hearing.cancel()
        if mine is not owner and rng.random() < 0.2:
            await leave_and_return(url, mine, owner)
            done.left += 1
        await rest(stop, rng.uniform(*pace.away))


async def hear(client: Client) -> None:
    with contextlib.suppress(ClientError):
        async for _ in client.events():
            pass


async def leave_and_return(url: str, mine: Seat, owner: Seat) -> None:
    async with httpx.AsyncClient(base_url=f"{url}/api/v1/rooms/{mine.room}", trust_env=False, timeout=GONE) as http:
        gone = await http.delete(f"/members/{mine.user}", headers={"Authorization": f"Bearer {mine.token}"})
        gone.raise_for_status()
        back = await http.post("/members", json={"user": mine.user}, headers={"Authorization": f"Bearer {owner.token}"})
        back.raise_for_status()


async def rest(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def gauges(url: str) -> dict[str, float]:
    text = httpx.get(f"{url}/metrics", trust_env=False).text
    return {s.name: s.value for f in text_string_to_metric_families(text) for s in f.samples if not s.labels}


def descriptors(pid: int) -> int:
    """Open in the process, but those of the database's files."""
    count = 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # it was the listing's own
            count += "aside.db" not in os.readlink(f"/proc/{pid}/fd/{name}")
    return count


def children(pid: int) -> list[int]:
    """Of any of its threads; who ended meanwhile is none."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, (task / "children").read_text(encoding="ascii").split())
    return found


def of_children(pid: int) -> int:
    """Bytes of the memory of all its children that are in RAM; 0 without one."""
    total = 0
    for child in children(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, RuntimeError):  # it has ended
            total += resident(child)
    return total


async def empty(url: str) -> None:
    """Returns when no room is in memory and nobody connected, or it takes too long."""
    until = time.monotonic() + GONE
    while time.monotonic() < until:
        found = await asyncio.to_thread(gauges, url)
        if not found["aside_rooms_open"] and not found["aside_websockets"]:
            break
        await asyncio.sleep(0.5)
    await asyncio.sleep(2)


async def soak(app: App, seats: Sequence[Seat], pace: Pace, seconds: float, seed: int) -> dict[str, object]:
    rng, stop, done = random.Random(seed), asyncio.Event(), Done()
    owners = {one.room: one for one in reversed(seats)}  # who was seated first in each
    # A first visit, over again: what the first of all costs is no leak.
    first, visited = Done(), asyncio.Event()
    visiting = asyncio.ensure_future(live(app.url, seats[0], seats[0], SMALL, random.Random(seed), visited, first))
    await asyncio.sleep(8)
    visited.set()
    await visiting
    await empty(app.url)
    before, opened = await asyncio.to_thread(gauges, app.url), descriptors(app.pid)
    people = [
        asyncio.ensure_future(live(app.url, s, owners[s.room], pace, random.Random(rng.random()), stop, done))
        for s in seats
    ]
    memory, of_model = [], []
    for _ in range(PARTS):
        await asyncio.sleep(seconds / PARTS)
        memory.append(resident(app.pid))
        of_model.append(of_children(app.pid))
    during = await asyncio.to_thread(gauges, app.url)
    stop.set()
    for ended in await asyncio.gather(*people, return_exceptions=True):
        if isinstance(ended, BaseException):
            raise ended
    await empty(app.url)
    after = await asyncio.to_thread(gauges, app.url)
    return {
        "messages": done.messages,
        "arrivals": done.arrivals,
        "left_and_let_in": done.left,
        "refused": done.refused,
        "unanswered": done.unanswered,
        "websockets_at_the_end": int(during["aside_websockets"]),
        "memory_mb": [round(m / 2**20, 1) for m in memory],
        "model_memory_mb": [round(m / 2**20, 1) for m in of_model],
        "memory_ratio": round(memory[-1] / memory[0], 3),
        "rooms_left": int(after["aside_rooms_open"]),
        "tasks_leaked": int(after["aside_tasks"] - before["aside_tasks"]),
        "descriptors_leaked": descriptors(app.pid) - opened,
    }


def verdict(result: dict[str, object]) -> int:
    """Memory is judged where there was time for caches to fill before it was taken the first time: from ten minutes on."""
    grown = float(str(result["memory_ratio"])) > 1.1 and float(str(result["minutes"])) >= 10
    return 1 if grown or any(int(str(result[name])) > 0 for name in NONE_OF) else 0


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench soak", description="Whether anything grows.")
    parser.add_argument("--minutes", type=float, default=30.0, help="default: %(default)s")
    parser.add_argument("--rooms", type=int, default=50, help="default: %(default)s")
    parser.add_argument("--model", default="tiny", help="as ASIDE_MODEL (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--small", action="store_true", help="10 rooms for 40 seconds with the scripted model: for CI")
    given = parser.parse_args(arguments)
    minutes, rooms, model, pace = given.minutes, given.rooms, given.model, Pace()
    if given.small:
        minutes, rooms, model, pace = 40 / 60, 10, "scripted", SMALL
    with tempfile.TemporaryDirectory(prefix="aside-soak-") as name:
        url, folder = f"sqlite+aiosqlite:///{name}/aside.db", Path(name)
        policy = PolicyView(preset="chatty", messages_per_hour=3600)
        seats = asyncio.run(seat(url, rooms, PEOPLE, NewAgent(policy=policy)))
        with App(url, "", folder, model=model, ASIDE_ROOM_IDLE=str(pace.idle)) as app:
            result = asyncio.run(soak(app, seats, pace, minutes * 60, given.seed))
        log = (folder / "log").read_text(errors="replace")
    errors = log.count("Traceback")
    if errors:  # the log goes with its folder, and a count alone helps nobody
        lines = log.splitlines()
        seen = [n for n, line in enumerate(lines) if "Traceback" in line][:5]
        print("\n\n".join("\n".join(lines[max(0, n - 1) : n + 40]) for n in seen), file=sys.stderr)
    result = {
        "bench": "soak",
        "minutes": round(minutes, 2),
        "rooms": rooms,
        "model": model,
        **result,
        "tracebacks": errors,
    }
    print(json.dumps(result))
    return verdict(result)
