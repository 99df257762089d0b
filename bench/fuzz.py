"""Whether anything breaks the service: `python -m bench fuzz [--cases 5000] [--frames 50500] [--seed 0] [--postgres] [--small]`.

A service of its own is sent requests that schemathesis makes out of /openapi.json, lawful and not, as an owner whose rooms,
messages and runs they name; then websocket frames that are damaged ones of ours (bench/mutations.py), on many connections at
once; then the websocket cases of Autobahn, by kosoku. At the end the service must have answered everything, logged no error,
closed no socket but with a documented code, and have as many tasks as before.
"""

import argparse
import asyncio
import contextlib
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench.mutations import mutated
from bench.soak import empty, gauges
from bench.victims import App, Database, Redis

AT_ONCE = 8
"""Connections that send damaged frames at a time."""
PER_CONNECTION = 90
"""Frames on one connection: below what the service takes at once, so that none is refused for its number alone."""
BROKEN = {"FAILED", "ERROR", "UNCLEAN"}
"""Of kosoku's verdicts. NON-STRICT and INFORMATIONAL are Autobahn's for what the protocol leaves open."""
PATIENCE = 20.0
"""Seconds without an answer to a ping after which a connection counts as hung."""
CLOSES = {1000, 1002, 1003, 1007, 1009, 4401}
"""How one may be closed: by the client, for what is no websocket frame, for too big a one, for a hello that is refused."""
OF_THE_LIBRARY = {"7.1.5"}
"""A case of Autobahn that uvicorn's `websockets-sansio` fails as it comes, with nothing of ours in it: a close frame inside of
a fragmented message is answered with 1002, "incomplete fragmented message", which the websockets library finds wrong and the case
finds right."""
RATE = 45
"""Requests a second: below what the service takes of one person."""


@dataclass
class Found:
    cases: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    frames: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    odd_closes: Counter[int] = field(default_factory=Counter)
    hangs: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody with a room that has something of everything in it."""

    url: str
    token: str
    names: dict[str, str]


def settle(url: str) -> Place:
    with httpx.Client(base_url=f"{url}/api/v1", trust_env=False, timeout=PATIENCE) as http:

        def ask(method: str, path: str, body: Any = None, token: str = "") -> Any:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = http.request(method, path, json=body, headers=headers)
            answer.raise_for_status()
            return answer.json() if answer.content else None

        ann, bob = (ask("POST", "/users", {"name": name}) for name in ("Ann", "Bob"))
        policy = {"debounce": 0, "min_gap": 0}
        room = ask("POST", "/rooms", {"name": "Den", "agent": {"name": "Mika", "policy": policy}}, ann["token"])
        ask("POST", f"/rooms/{room['id']}/members", {"user": bob["id"]}, ann["token"])
        body = {"client_id": "first", "text": "Tea, Mika?"}
        message = ask("POST", f"/rooms/{room['id']}/messages", body, ann["token"])
        until = time.monotonic() + PATIENCE
        while not (runs := ask("GET", f"/rooms/{room['id']}/runs", token=ann["token"])["runs"]):
            assert time.monotonic() < until, "the agent did not think"
            time.sleep(0.1)
        names = {"room": room["id"], "agent": room["agents"][0]["id"], "message": message["id"]}
        return Place(url, ann["token"], names | {"run": runs[0]["id"], "user": bob["id"]})


# -- requests ----------------------------------------------------------------------------------------------------------


def described(openapi: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The service's own description, with ids that exist where it asks for one; what deletes the room keeps guessing."""
    for path, methods in openapi["paths"].items():
        for method, route in methods.items():
            if (method, path) == ("delete", "/api/v1/rooms/{room}"):
                continue
            for parameter in route.get("parameters", ()):
                if parameter["in"] == "path" and parameter["name"] in names:
                    parameter["schema"] = {"type": "string", "enum": [names[parameter["name"]], "nothing"]}
    return openapi


def requests(place: Place, cases: int, seed: int, folder: Path, found: Found, phases: str) -> None:
    openapi = described(httpx.get(f"{place.url}/openapi.json", trust_env=False).json(), place.names)
    routes = sum(len(methods) for methods in openapi["paths"].values())
    schema, report = folder / "openapi.json", folder / "report.ndjson"
    schema.write_text(json.dumps(openapi))
    checks = "not_a_server_error,response_schema_conformance,content_type_conformance,ignored_auth"
    for turn in range(50):
        command = [
            str(Path(sys.executable).with_name("schemathesis")), "run", str(schema), "--url", place.url,
            "-H", f"Authorization: Bearer {place.token}", "--checks", checks, "--phases", phases,
            "--max-examples", str(max(1, min(200, cases // routes))), "--seed", str(seed + turn), "--no-shrink",
            "--rate-limit", f"{RATE}/s", "--request-timeout", str(PATIENCE), "--continue-on-failure", "--no-color",
            "--generation-database", "none", "--report-ndjson-path", str(report), "--output-truncate", "false",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
        before = found.cases
        _count(report, found)
        if found.cases == before:
            raise RuntimeError(f"schemathesis sent nothing: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        for kind in re.findall(r"^- (.+)$", done.stdout, re.MULTILINE):
            found.failures[kind] = found.failures.get(kind, 0) + 1
        if found.failures:
            (Path.cwd() / "fuzz-failures.txt").write_text(done.stdout)
        if found.cases >= cases:
            return


def _count(report: Path, found: Found) -> None:
    for line in report.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        found.cases += len(event.get("ScenarioFinished", {}).get("recorder", {}).get("interactions", {}))
    report.unlink()


# -- frames ------------------------------------------------------------------------------------------------------------


async def frames(place: Place, count: int, seed: int, found: Found) -> None:
    rng = random.Random(seed)
    left = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, some: int) -> None:
        async with left:
            await _converse(place, random.Random(f"{seed}-{number}"), some, found)

    sizes = [PER_CONNECTION] * (count // PER_CONNECTION) + [count % PER_CONNECTION]
    rng.shuffle(sizes)
    await asyncio.gather(*(one(number, some) for number, some in enumerate(sizes)))


async def _converse(place: Place, rng: random.Random, count: int, found: Found) -> None:
    """One connection after the other, until `count` frames were sent: some accidents close it, as they should."""
    while count > 0:
        async with _dial(place) as connection:
            if rng.random() > 0.05:  # else what comes first is no hello
                rooms = [{"room": place.names["room"], "after": 0}]
                await connection.send(json.dumps({"type": "hello", "token": place.token, "rooms": rooms}))
            hearing = asyncio.create_task(_hear(connection, found))
            with contextlib.suppress(ConnectionClosed):
                while count > 0:
                    count -= 1
                    await connection.send(mutated(rng, place.names["room"], place.names["message"]))
                    found.frames += 1
                    if count % 10 == 0:
                        await asyncio.sleep(0.1)
                await connection.send('{"type":"ping"}')
            try:
                await asyncio.wait_for(hearing, PATIENCE)
            except TimeoutError:
                found.hangs += 1
        if connection.close_code not in CLOSES:
            found.odd_closes[connection.close_code or 0] += 1


def _dial(place: Place) -> connect:
    url = place.url.replace("http", "ws", 1) + "/ws"
    return connect(url, compression=None, proxy=None, ping_interval=None, max_size=None, close_timeout=PATIENCE)


async def _hear(connection: ClientConnection, found: Found) -> None:
    """Until a second of silence, or the end."""
    with contextlib.suppress(ConnectionClosed, TimeoutError):
        while True:
            frame = json.loads(await asyncio.wait_for(connection.recv(), 1.0))
            found.answers[frame["code"] if frame["type"] == "error" else "understood"] += 1


# -- the service -------------------------------------------------------------------------------------------------------


def autobahn(folder: Path) -> dict[str, int]:
    """Cases by how they went. `/ws` wants a hello and does not echo: an app that does stands in for it behind the same server."""
    command = [sys.executable, "-m", "bench.echo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            kosoku = [str(Path(sys.executable).with_name("kosoku")), f"127.0.0.1:{port}", "-x", "12.*", "-x", "13.*"]
            subprocess.run([*kosoku, "--outdir", str(folder)], capture_output=True, check=False)
        finally:
            server.terminate()
    index = json.loads((folder / "index.json").read_text())
    (cases,) = index.values()
    counts = Counter("of the library" if name in OF_THE_LIBRARY else case["behavior"] for name, case in cases.items())
    return dict(counts) | {f"not ok: {name}": 1 for name, case in cases.items() if case["behavior"] in BROKEN}


def settled(url: str, tasks: float) -> dict[str, float]:
    """The gauges once there are no more tasks than `tasks`, or after PATIENCE: what is over by then was none that leaks."""
    until = time.monotonic() + PATIENCE
    while (found := gauges(url))["aside_tasks"] > tasks and time.monotonic() < until:
        time.sleep(0.5)
    return found


def beside(folder: Path, servers: contextlib.ExitStack) -> tuple[str, str]:
    """The addresses of a PostgreSQL and a Redis that go with `servers`."""
    folder.chmod(0o755)
    for name in ("postgres", "redis"):
        (folder / name).mkdir()
    database, redis = Database(folder / "postgres"), Redis(folder / "redis")
    return servers.enter_context(database).url, servers.enter_context(redis).url


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--frames", type=int, default=50_500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--postgres",
        action="store_true",
        help="the service is one over PostgreSQL and Redis, which refuse what SQLite takes",
    )
    parser.add_argument(
        "--small", action="store_true", help="300 cases, 2,000 frames and the cases of Autobahn: for CI"
    )
    given = parser.parse_args(arguments)
    cases, count, phases = given.cases, given.frames, "examples,coverage,fuzzing"
    if given.small:
        cases, count, phases = 300, 2_000, "fuzzing"
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as servers:
        folder = Path(name)
        found = Found()
        database, redis = f"sqlite+aiosqlite:///{folder}/aside.db", ""
        if given.postgres:
            database, redis = beside(folder, servers)
        with App(database, redis, folder, ASIDE_ROOM_IDLE="3") as app:
            place = settle(app.url)
            asyncio.run(empty(app.url))
            tasks = gauges(app.url)["aside_tasks"]
            if cases:
                requests(place, cases, given.seed, folder, found, phases)
            asyncio.run(frames(place, count, given.seed, found))
            asyncio.run(empty(app.url))
            after = settled(app.url, tasks)
        log = (folder / "log").read_text(errors="replace")
        result: dict[str, Any] = {"bench": "fuzz", "database": database.split("+")[0], **vars(found)} | {
            "server_errors": log.count("Traceback") + log.count(" ERROR "),
            "leaked_tasks": int(after["aside_tasks"] - tasks),
            "open_sockets": int(after["aside_websockets"]),
            "rooms_left": int(after["aside_rooms_open"]),
        }
        if result["server_errors"]:
            print(log[-4000:])
        result["autobahn"] = autobahn(folder / "autobahn")
    print(json.dumps(result))
    return verdict(result)


def verdict(result: dict[str, Any]) -> int:
    broken = result["failures"] or result["hangs"] or result["odd_closes"] or result["server_errors"]
    left = result["leaked_tasks"] > 0 or result["open_sockets"] or result["rooms_left"]
    return 1 if broken or left or BROKEN & set(result["autobahn"]) else 0
