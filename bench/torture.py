"""Whether anything acknowledged is ever lost: `python -m bench torture [--small] [--kills 100]`.

People write into rooms with an agent while the service is killed (SIGKILL) and started again, over and over: one process over
SQLite, then three over a PostgreSQL and a Redis of their own, of which an app process, the database and Redis are killed in
turn. Then app processes are killed and left dead until the agent answers a call that was acknowledged after the kill: where the
process had owned the room, that is a take-over. Clients reconnect and resume by themselves. At the end every acknowledgement
that a client was given is looked for in the log, and what each client was told is compared with it. Where PostgreSQL or Redis is
not installed, the last line says so.
"""

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, repeat
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

from app.client import Client, ClientError, register
from app.frames import DeletedEvent, EditedEvent, MessageEvent, PresenceEvent, ReactionEvent
from app.protocol import MessageView, NewAgent, PolicyView
from bench.victims import App, Database, Redis, Victim, installed

WRITERS = 4
PAUSE = 0.05
"""Seconds between two messages of one writer: four of them stay under the rate that the service allows each."""
ON_ITS_WAY = 0.1
"""Seconds after the birth of a process in which an ack may still be of its predecessor: no process answers within them."""
FOREVER = 30.0
"""Seconds after which nobody waits for who was killed, or for a take-over, any more."""
BETWEEN = (0.5, 1.5)
"""Seconds of traffic between a recovery and the next kill."""


@dataclass
class Told:
    """What clients were told: acks (room, id, seq), and the seqs of the log in the order in which they came. `acked_at`: when, by
    writer; `known_at`: by id of a message; `answered`: the id of what an agent's message answers, and when it came."""

    acked: list[tuple[str, str, int]] = field(default_factory=list)
    acked_at: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    known_at: dict[str, float] = field(default_factory=dict)
    answered: list[tuple[str, float]] = field(default_factory=list)
    seqs: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    acked: int
    lost: int
    duplicated: int
    reordered: int
    double_replies: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """`recoveries`: seconds from a kill until a writer who was cut off, or whose database was, has an ack again, start of the
    process included; `takeovers`: from the kill of the process that owned the room, which stays dead, until the agent has
    answered a call that was acknowledged after that."""

    verdict: Verdict
    kills: int
    recoveries: list[float]
    takeovers: list[float]


def judge(told: Told, log: dict[str, list[MessageView]]) -> Verdict:
    """`log`: every message of each room as a fresh reader gets them."""
    there = {room: {m.id: m.seq for m in messages} for room, messages in log.items()}
    lost = sum(there[room].get(message) != seq for room, message, seq in told.acked)
    texts = Counter((m.room, m.author.id, m.text) for ms in log.values() for m in ms if m.author.kind == "human")
    replies = Counter(m.reply_to for ms in log.values() for m in ms if m.author.kind == "agent" and m.reply_to)
    # A client's events are gapless from the first to the last: one that is missing, twice or early shows as a step that is not 1.
    steps = [b - a for seqs in told.seqs.values() for a, b in pairwise(seqs)]
    return Verdict(
        acked=len(told.acked),
        lost=lost,
        duplicated=sum(n - 1 for n in texts.values()) + sum(step == 0 for step in steps),
        reordered=sum(step not in (0, 1) for step in steps),
        double_replies=sum(n - 1 for n in replies.values()),
    )


def at_once() -> Generator[float]:
    """Clients come back without the pauses that grow: what is measured is the service."""
    yield from repeat(0.1)


class Crowd:
    """Writers, each in the one room, spread over `urls`."""

    def __init__(self, urls: Sequence[str], seed: int) -> None:
        self._urls = urls
        self._rng = random.Random(seed)
        self.told = Told()
        self.room = ""
        self.clients: list[Client] = []

    async def gather(self, stack: contextlib.AsyncExitStack) -> None:
        for i in range(WRITERS):
            url = self._urls[i % len(self._urls)]
            user = await register(url, f"Writer {i}")
            self.clients.append(await stack.enter_async_context(Client(url, user.token, delays=at_once)))
        policy = PolicyView(preset="chatty", debounce=0.0, min_gap=0.0, messages_per_hour=3600, talk_share=1.0)
        first, *others = self.clients
        self.room = (await first.create_room("Torture", NewAgent(name="Mika", policy=policy))).id
        invite = await first.invite(self.room)
        for client in others:
            await client.join(self.room, invite)

    async def write(self, number: int, stop: asyncio.Event) -> None:
        client, count = self.clients[number], 0
        while not stop.is_set():
            count += 1
            call = "Mika, " if self._rng.random() < 0.1 else ""
            ack = await client.send(self.room, f"{call}message {count} of writer {number}")
            self.told.acked.append((ack.room, ack.id, ack.seq))
            self.told.known_at[ack.id] = time.monotonic()
            self.told.acked_at[number].append(time.monotonic())
            await asyncio.sleep(PAUSE * WRITERS)

    async def listen(self, number: int) -> None:
        seqs = self.told.seqs.setdefault(f"{number}", [])
        with contextlib.suppress(ClientError):
            async for event in self.clients[number].events():
                match event:
                    case MessageEvent() if event.message.author.kind == "agent":
                        seqs.append(event.seq)
                        if event.message.reply_to is not None:
                            self.told.answered.append((event.message.reply_to, time.monotonic()))
                    case MessageEvent() | ReactionEvent() | EditedEvent() | DeletedEvent():
                        seqs.append(event.seq)
                    case PresenceEvent(seq=int(seq)):
                        seqs.append(seq)
                    case _:
                        pass

    async def log(self) -> dict[str, list[MessageView]]:
        found: list[MessageView] = []
        page = await self.clients[0].messages(self.room, 0, 500)
        found += page.messages
        while page.next is not None:
            page = await self.clients[0].messages(self.room, page.next, 500)
            found += page.messages
        return {self.room: found}


def first_after(times: Sequence[float], then: float) -> float | None:
    return next((t for t in times if t > then), None)


async def torture(
    apps: Sequence[App], plan: Sequence[Victim], seed: int, takeovers: int = 0, database: str = ""
) -> Outcome:
    """Kills each of `plan` in turn; then, over the PostgreSQL at `database`, app processes until so many `takeovers` were
    seen."""
    crowd, rng = Crowd([app.url for app in apps], seed), random.Random(seed)
    recoveries, taken = list[float](), list[float]()
    kills = 0
    async with contextlib.AsyncExitStack() as stack:
        await crowd.gather(stack)
        stop = asyncio.Event()
        listening = [asyncio.ensure_future(crowd.listen(i)) for i in range(WRITERS)]
        writing = [asyncio.ensure_future(crowd.write(i, stop)) for i in range(WRITERS)]
        for victim in plan:
            await asyncio.sleep(rng.uniform(*BETWEEN))
            concerned = [i for i in range(WRITERS) if apps[i % len(apps)] is victim] or list(range(WRITERS))
            recoveries += await brought_back(crowd, victim, concerned, writing)
            kills += 1
        while len(taken) < takeovers and kills < len(plan) + 6 * takeovers:
            await asyncio.sleep(rng.uniform(*BETWEEN))
            taken += await left_dead(crowd, apps[kills % len(apps)], database)
            kills += 1
        await asyncio.sleep(2)
        stop.set()
        done, stuck = await asyncio.wait(writing, timeout=FOREVER)
        for task in stuck:
            task.cancel()  # whose process is gone for good: its recovery says so
        for task in done:
            task.result()
        await asyncio.sleep(2)  # what is under way to the listeners
        log = await crowd.log()
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    return Outcome(judge(crowd.told, log), kills, recoveries, taken)


async def brought_back(
    crowd: Crowd, victim: Victim, concerned: Sequence[int], writing: Sequence[asyncio.Future[None]]
) -> list[float]:
    """Kills `victim` and starts it again; seconds until each of the writers `concerned` has an ack."""
    killed = time.monotonic()
    await asyncio.to_thread(victim.kill)
    await asyncio.to_thread(victim.start)
    born = victim.born_at + ON_ITS_WAY
    recoveries = []
    for writer in concerned:
        while (back := first_after(crowd.told.acked_at[writer], born)) is None:
            if any(task.done() for task in writing) or time.monotonic() > killed + FOREVER:
                break
            await asyncio.sleep(0.01)
        recoveries.append((back or time.monotonic()) - killed)
    return recoveries


async def left_dead(crowd: Crowd, victim: Victim, database: str) -> list[float]:
    """Kills `victim`, and starts it again only when the agent has answered somebody who called it after that: how long that took,
    where the room has another owner now. FOREVER where it never does."""
    before, killed = await owner_of(crowd.room, database), time.monotonic()
    await asyncio.to_thread(victim.kill)
    while (answered := first_answer(crowd.told, killed)) is None:
        if time.monotonic() > killed + FOREVER:
            break
        await asyncio.sleep(0.02)
    after = await owner_of(crowd.room, database)
    await asyncio.to_thread(victim.start)
    return [] if after == before else [FOREVER if answered is None else answered - killed]


def first_answer(told: Told, then: float) -> float | None:
    """When the agent answered something that was acknowledged after `then`."""
    return next((at for asked, at in told.answered if told.known_at.get(asked, 0.0) > then), None)


async def owner_of(room: str, database: str) -> str | None:
    connection = await asyncpg.connect(database.replace("+asyncpg", ""))
    try:
        owner: str | None = await connection.fetchval("SELECT owner FROM rooms WHERE id = $1", room)
    finally:
        await connection.close()
    return owner


def over_sqlite(kills: int, seed: int) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="aside-torture-") as name, contextlib.ExitStack() as stack:
        app = stack.enter_context(App(f"sqlite+aiosqlite:///{name}/aside.db", "", Path(name)))
        return asyncio.run(torture([app], [app] * kills, seed))


def over_servers(apps: int, databases: int, redises: int, takeovers: int, seed: int) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="aside-torture-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        database = stack.enter_context(Database(folder))
        redis = stack.enter_context(Redis(folder))
        three = [stack.enter_context(App(database.url, redis.url, folder)) for _ in range(3)]
        rng = random.Random(seed)
        plan: list[Victim] = [*(three[i % 3] for i in range(apps)), *[database] * databases, *[redis] * redises]
        rng.shuffle(plan)
        return asyncio.run(torture(three, plan, seed, takeovers, database.url))


def summary(phases: dict[str, Outcome]) -> dict[str, object]:
    result: dict[str, object] = {"bench": "torture"}
    for name in Verdict.__slots__:
        result[name] = sum(getattr(outcome.verdict, name) for outcome in phases.values())
    for name, outcome in phases.items():
        result[f"{name}_kills"] = outcome.kills
        result[f"{name}_recovery_seconds_p50"] = round(statistics.median(outcome.recoveries), 2)
        result[f"{name}_recovery_seconds_max"] = round(max(outcome.recoveries), 2)
    taken = [seconds for outcome in phases.values() for seconds in outcome.takeovers]
    result["takeovers"] = len(taken)
    result["takeover_seconds_p50"] = round(statistics.median(taken), 2) if taken else None
    result["takeover_seconds_max"] = round(max(taken), 2) if taken else None
    seconds = [s for outcome in phases.values() for s in (*outcome.recoveries, *outcome.takeovers)]
    result["never_back"] = sum(s >= FOREVER for s in seconds)
    result["recovery_seconds_max"] = round(max(max(outcome.recoveries) for outcome in phases.values()), 2)
    return result


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench torture", description="Kills, and what was lost.")
    parser.add_argument("--small", action="store_true", help="3 kills over SQLite, 4 over servers: for CI")
    parser.add_argument("--kills", type=int, default=100, help="over SQLite; half as many over servers (default: 100)")
    parser.add_argument("--only", choices=("sqlite", "servers"), help="one phase")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    kills = 3 if given.small else given.kills
    phases = {} if given.only == "servers" else {"sqlite": over_sqlite(kills, given.seed)}
    servers = installed() and given.only != "sqlite"
    if servers:
        tenth = round(kills * 0.1)
        many = (2, 1, 1, 1) if given.small else (3 * tenth, tenth, tenth, tenth)
        phases["servers"] = over_servers(*many, given.seed)
    result = summary(phases)
    result["servers"] = servers
    print(json.dumps(result))
    bad = ("lost", "duplicated", "reordered", "double_replies", "never_back")
    return 1 if any(result[name] for name in bad) else 0
