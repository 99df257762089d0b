"""A stranger's first visit to a running service: `python -m bench visit [--url http://127.0.0.1:8000]`.

Two people exchange twenty messages in a room with an agent, then the thought log is read: one run or more, ten scores on every
thought, something said with preset `chatty`, nothing said in mode `shadow`. Ends with 1 where one of these does not hold.
"""

import argparse
import asyncio
import contextlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from app.client import Client, ClientError, register
from app.frames import DecisionEvent, MessageEvent
from app.protocol import NewAgent, PolicyView, RunView
from bench.acks import LINES
from bench.service import await_ready

SCORES = 10
READY_WITHIN = 180.0
"""Seconds that the model may take to load."""


def verdict(runs: Sequence[RunView], spoken: int, mode: str) -> list[str]:
    """What does not hold; empty where all does."""
    thoughts = [thought for run in runs for thought in run.thoughts]
    wrong = [] if thoughts else ["no thought was formed"]
    wrong += [f"thought {t.id} has {len(t.scores)} scores" for t in thoughts if len(t.scores) != SCORES]
    wrong += [f"run {run.id} failed: {run.error}" for run in runs if run.error is not None]
    keys = Counter((run.agent, run.trigger.kind, run.trigger.seq, run.trigger.nth) for run in runs)
    wrong += [f"{count} decisions on one trigger {key[1:]}" for key, count in keys.items() if count > 1]
    if mode == "speak" and not spoken:
        wrong.append("a chatty agent said nothing")
    if mode != "speak" and spoken:
        wrong.append(f"{spoken} messages were said in mode {mode}")
    return wrong


async def visit(
    url: str, messages: int, pace: float, settle: float, mode: Literal["speak", "shadow"]
) -> tuple[list[RunView], int]:
    """Every run of the room, and how many messages the agent said. It is over when nothing was decided for `settle` seconds."""
    ann, bob = await register(url, "Ann"), await register(url, "Bob")
    agent = NewAgent(policy=PolicyView(preset="chatty"), mode=mode)
    async with Client(url, ann.token) as first, Client(url, bob.token) as second:
        room = (await first.create_room("First visit", agent)).id
        await second.join(room, await first.invite(room))
        await first.watch(room)
        spoken, news = 0, asyncio.Event()

        async def listen() -> None:
            nonlocal spoken
            async for event in first.events():
                spoken += isinstance(event, MessageEvent) and event.message.author.kind == "agent"
                if isinstance(event, MessageEvent | DecisionEvent):
                    news.set()

        async with asyncio.TaskGroup() as group:
            listening = group.create_task(listen())
            for i in range(messages):
                await (first, second)[i % 2].send(room, LINES[i % len(LINES)])
                await asyncio.sleep(pace)
            with contextlib.suppress(TimeoutError):
                while True:
                    news.clear()
                    await asyncio.wait_for(news.wait(), settle)
            listening.cancel()
        page = await first.runs(room, limit=200)
        runs = list(page.runs)
        while page.next is not None:
            page = await first.runs(room, page.next, limit=200)
            runs += page.runs
        return runs, spoken


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench visit", description="Two people, twenty messages, the log.")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="a running service (default: %(default)s)")
    parser.add_argument("--messages", type=int, default=20, help="in each room (default: %(default)s)")
    parser.add_argument("--pace", type=float, default=3.0, help="seconds between them (default: %(default)s)")
    parser.add_argument(
        "--settle", type=float, default=25.0, help="seconds of quiet that end it (default: %(default)s)"
    )
    given = parser.parse_args(arguments)
    await_ready(given.url, READY_WITHIN)
    result: dict[str, object] = {"bench": "visit"}
    wrong: list[str] = []
    modes: tuple[Literal["speak", "shadow"], ...] = ("speak", "shadow")
    for mode in modes:
        try:
            runs, spoken = asyncio.run(visit(given.url, given.messages, given.pace, given.settle, mode))
        except ClientError as error:
            print(error, file=sys.stderr)
            return 1
        wrong += [f"{mode}: {what}" for what in verdict(runs, spoken, mode)]
        result[mode] = {
            "messages": given.messages,
            "runs": len(runs),
            "gated": sum(run.gate is not None for run in runs),
            "triggers": dict(Counter(run.trigger.kind for run in runs)),
            "acts": dict(Counter(run.decision.act for run in runs)),
            "thoughts": sum(len(run.thoughts) for run in runs),
            "spoken": spoken,
        }
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(json.dumps(result | {"holds": not wrong}))
    return 1 if wrong else 0
