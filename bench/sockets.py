"""What an idle reader costs, and how soon all are back: `python -m bench sockets [--sockets 5000] [--room 10] [--small]`.

Each of them is somebody else, signed in by the first frame, in a room of ten with its agent. Memory is the service's resident set
before the first and after the last is live, the rooms that they opened included; what the kernel keeps for a socket (about
4 KB) is not in it. Then the service is killed (SIGKILL), each room gets a message while nobody is there, and the service is
started again: the readers come back with the pauses of the client that ships, and must find that message and nothing twice.
"""

import argparse
import asyncio
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.client import backoff
from app.protocol import NewAgent
from bench.herd import Sheep, come_back, dial, scatter
from bench.seeding import say, seat
from bench.victims import App

SETTLE = 3.0
"""Seconds after the last is live before memory is read."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes a socket; seconds until all were live the first time, and from the kill until all were back; and what went wrong:
    readers that missed or repeated an event, or were refused."""

    sockets: int
    each: float
    connected: float
    resumed: float
    started: float
    wrong: int


def resident(pid: int) -> int:
    """Bytes of the process's memory that are in RAM."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"no resident set of process {pid}")


def delays(rng: random.Random) -> Iterable[float]:
    """Each reader its own stream of the shipped client's pauses."""
    return backoff(random.Random(rng.random()))


async def measure(app: App, url: str, rooms: int, people: int) -> Measured:
    seats = await seat(url, rooms, people, NewAgent())
    await asyncio.to_thread(app.start)
    # One room first, left again: what the first socket of all costs is no cost of a socket.
    warm = [Sheep(one) for one in seats[:people]]
    await dial(app.url, warm)
    before = resident(app.pid)
    herd = [*warm, *(Sheep(one) for one in seats[people:])]
    began = time.monotonic()
    await dial(app.url, herd[people:])
    connected = time.monotonic() - began
    await asyncio.sleep(SETTLE)
    each = (resident(app.pid) - before) / (len(herd) - people)
    killed = time.monotonic()
    await asyncio.to_thread(app.kill)
    for one in herd:
        await one.gone.wait()
    away = time.monotonic()
    await say(url, seats, "while you were away")
    written = time.monotonic() - away  # the measurement's own work, no part of the restart
    starting = asyncio.ensure_future(asyncio.to_thread(app.start))
    await come_back(app.url, herd, partial(delays, random.Random(1)))
    resumed = time.monotonic() - killed - written
    await starting
    assert app.back_at is not None
    await scatter(herd)
    wrong = sum(one.gaps > 0 or one.seen < 1 or bool(one.errors) for one in herd)
    return Measured(len(herd), each, connected, resumed, app.back_at - killed - written, wrong)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench sockets", description="What an idle reader costs.")
    parser.add_argument("--sockets", type=int, default=5000, help="so many (default: %(default)s)")
    parser.add_argument("--room", type=int, default=10, help="people in a room (default: %(default)s)")
    parser.add_argument("--small", action="store_true", help="100 sockets: for CI")
    given = parser.parse_args(arguments)
    wanted = 100 if given.small else given.sockets
    # A few files more than sockets; the machine says how many there can be.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    rooms = min(wanted, most - 500) // given.room
    with tempfile.TemporaryDirectory(prefix="aside-sockets-") as name:
        url = f"sqlite+aiosqlite:///{name}/aside.db"
        app = App(url, "", Path(name))
        try:
            measured = asyncio.run(measure(app, url, rooms, given.room))
        finally:
            app.kill()
    result = {
        "bench": "sockets",
        "sockets": measured.sockets,
        "kb_per_socket": round(measured.each / 1024, 1),
        "resume_seconds": round(measured.resumed, 2),
        "started_seconds": round(measured.started, 2),
        "connect_seconds": round(measured.connected, 2),
        "wrong": measured.wrong,
        "room": given.room,
    }
    print(json.dumps(result))
    return 1 if measured.wrong else 0
