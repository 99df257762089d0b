"""Whether anything acknowledged is lost when the power goes: `python -m bench power [--cuts 20] [--small]`.

The service, as it ships, keeps its SQLite file on a disk that forgets what was not flushed (`bench/disk.py`). While people write,
it is killed and the power cut; it is started again, and every message that was ever acknowledged is looked for. The same is done
with `synchronous=NORMAL`, which must lose some: a harness that cannot fail shows nothing.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence, Sized
from ctypes.util import find_library
from dataclasses import dataclass
from http import HTTPStatus
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import httpx

from bench.service import ROOT
from bench.victims import App

WRITERS = 4
WRITE_FOR = (0.3, 1.2)
"""Seconds of traffic before each cut, from the first message on that was acknowledged."""
BEGINS_WITHIN = 10.0
"""Seconds until there is one, where the power left anybody who may write."""
MOUNTS_WITHIN = 20.0


@dataclass
class Lost:
    """`cuts` of the power; `acked` messages, of which `lost` were gone afterwards and `twice` were there more than once. A log
    whose seqs are not 1, 2, 3 … counts in `gaps`."""

    cuts: int = 0
    acked: int = 0
    lost: int = 0
    twice: int = 0
    gaps: int = 0
    recovery: float = 0.0


def missing() -> str | None:
    """What this machine lacks."""
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "/dev/fuse cannot be opened"
    if find_library("fuse") is None:
        return "libfuse 2 is not installed (Debian: libfuse2)"
    return None if find_spec("fuse") is not None else "fusepy is not installed"


@contextlib.contextmanager
def disk() -> Iterator[Path]:
    """A mount point of a disk that forgets. Raises RuntimeError where it does not mount."""
    with tempfile.TemporaryDirectory(prefix="aside-power-") as name:
        mount = Path(name) / "disk"
        mount.mkdir()
        process = subprocess.Popen([sys.executable, "-m", "bench.disk", str(mount)], cwd=ROOT)
        try:
            until = time.monotonic() + MOUNTS_WITHIN
            while not mount.is_mount():
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("the disk that forgets could not be mounted")
                time.sleep(0.02)
            yield mount
        finally:
            subprocess.run(["umount", "-l", str(mount)], check=False)
            process.terminate()
            process.wait()


async def write(url: str, stop: asyncio.Event, acked: dict[str, int], number: int, token: str, room: str) -> None:
    """One writer's messages, one after the other, until nobody answers any more."""
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}) as http:
        count = 0
        while not stop.is_set():
            count += 1
            name = f"{number}-{len(acked)}-{count}"
            try:
                answer = await http.post(f"/rooms/{room}/messages", json={"client_id": name, "text": f"message {name}"})
            except httpx.TransportError:
                return
            if answer.status_code == 201:
                acked[answer.json()["id"]] = answer.json()["seq"]
            await asyncio.sleep(0.02 if answer.is_success else 0.2)


async def log(url: str, token: str, room: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}) as http:
        after: int | None = 0
        while after is not None:
            answer = await http.get(f"/rooms/{room}/messages?after={after}&limit=500")
            if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
                return []  # the power took the people or the room too
            page = answer.raise_for_status().json()
            found += [(message["id"], message["seq"]) for message in page["messages"]]
            after = page.get("next")
    return found


async def _begun(acked: Sized, before: int) -> None:
    """On a slow machine a second passes before anybody has written."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(BEGINS_WITHIN):
            while len(acked) == before:  # noqa: ASYNC110 - whoever writes knows nothing of cuts
                await asyncio.sleep(0.01)


async def cuts(app: App, mount: Path, n: int, seed: int) -> Lost:
    rng, result = random.Random(seed), Lost()
    await asyncio.to_thread(app.start)
    async with httpx.AsyncClient(base_url=f"{app.url}/api/v1") as http:
        tokens = [(await http.post("/users", json={"name": f"W{i}"})).raise_for_status().json() for i in range(WRITERS)]
        http.headers["Authorization"] = f"Bearer {tokens[0]['token']}"
        room = (await http.post("/rooms", json={"name": "Power", "agent": None})).raise_for_status().json()["id"]
        for user in tokens[1:]:
            (await http.post(f"/rooms/{room}/members", json={"user": user["id"]})).raise_for_status()
    acked: dict[str, int] = {}
    for _ in range(n):
        stop = asyncio.Event()
        writing = [
            asyncio.ensure_future(write(app.url, stop, acked, i, user["token"], room)) for i, user in enumerate(tokens)
        ]
        await _begun(acked, len(acked))
        await asyncio.sleep(rng.uniform(*WRITE_FOR))
        began = time.monotonic()
        await asyncio.to_thread(app.kill)
        stop.set()
        await asyncio.gather(*writing)
        await asyncio.to_thread(os.setxattr, mount, "user.cut", str(rng.getrandbits(32)).encode())
        await asyncio.to_thread(app.start)
        result.recovery = max(result.recovery, time.monotonic() - began)
        there = await log(app.url, tokens[0]["token"], room)
        known = dict(there)
        gone = [message for message, seq in acked.items() if known.get(message) != seq]
        result.cuts += 1
        result.lost += len(gone)
        result.twice += len(there) - len(known)
        result.gaps += any(b <= a for (_, a), (_, b) in pairwise(there))
        for message in gone:
            del acked[message]
    result.acked = len(acked) + result.lost
    return result


def run(n: int, seed: int, module: str = "app") -> Lost:
    with disk() as mount, tempfile.TemporaryDirectory(prefix="aside-power-log-") as logs:
        app = App(f"sqlite+aiosqlite:///{mount}/aside.db", "", Path(logs), module)
        try:
            return asyncio.run(cuts(app, mount, n, seed))
        finally:
            app.kill()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench power", description="Power cuts, and what was lost.")
    parser.add_argument("--cuts", type=int, default=20, help="with FULL; a quarter as many with NORMAL (default: 20)")
    parser.add_argument("--small", action="store_true", help="3 cuts with FULL, 2 with NORMAL: for CI")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    if (lacks := missing()) is not None:
        print(json.dumps({"bench": "power", "error": lacks}))
        return 2
    full = run(3 if given.small else given.cuts, given.seed)
    normal = run(2 if given.small else max(2, given.cuts // 4), given.seed, "bench.normal")
    result = {
        "bench": "power",
        "cuts": full.cuts,
        "acked": full.acked,
        "lost": full.lost,
        "duplicated": full.twice,
        "gaps": full.gaps,
        "recovery_seconds_max": round(full.recovery, 2),
        "normal_cuts": normal.cuts,
        "normal_acked": normal.acked,
        "normal_lost": normal.lost,
    }
    print(json.dumps(result))
    return 0 if not (full.lost or full.twice or full.gaps) and normal.lost else 1
