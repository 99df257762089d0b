"""The whole path with the embedded model: two people chat over real sockets, the agent thinks in its own process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.protocol import RunView
from app.settings import Settings
from inference.connect import connect
from inference.engine import Engine, until_ready
from tests.app.harness import House, Line, ScriptedEngine, served

pytestmark = [pytest.mark.anyio, pytest.mark.model]

TALK = (
    "I'm planning a trip to Japan in spring.",
    "Oh nice, which cities?",
    "Tokyo and Kyoto, but I'm on a budget.",
    "Have you looked at rail passes?",
    "Not yet, are they worth it?",
    "Depends how much you move around.",
    "I also want to see the cherry blossoms.",
    "Early April is usually best.",
    "Is it crowded then?",
    "Very. Book early.",
)
BUSY = 90.0
"""Seconds that the embedded model may take to have thought about everything, on a machine that does other things too."""


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    settings = Settings()
    engine: Engine = connect("tiny", cache=settings.cache, base_url="", api_key="", timeout=60.0, threads=0)
    await engine.start()
    await until_ready(engine, BUSY)
    borrowed = ScriptedEngine(model=engine.model, embedder=engine.embedder)
    try:
        async with served(folder, borrowed) as made:
            yield made
    finally:
        await engine.close()


async def _chat(made: House, mode: str, preset: str) -> tuple[tuple[RunView, ...], list[Any]]:
    """Everything that was thought, and every message, after twenty messages by two people."""
    ann, bob = await made.user("Ann"), await made.user("Bob")
    policy = {"preset": preset, "debounce": 0.2, "min_gap": 0, "talk_share": 1, "agent_budget": 2}
    agent = {"name": "Mika", "memories": ["I know cheap inns near Gion."], "mode": mode, "policy": policy}
    room = await ann.room("Trip", agent=agent)
    await ann.let_in(room, bob)
    async with ann.line({room: 0}) as first, bob.line({room: 0}) as second:
        for n in range(20):
            line: Line = (first, second)[n % 2]
            await line.post(room, f"c{n}", TALK[n % len(TALK)])
            await asyncio.sleep(0.25)
        await first.post(room, "call", "Mika, what do you think?")
        await _decided(made, room)
    messages = (await ann.got("GET", f"/rooms/{room}/messages?limit=200"))["messages"]
    return await made.parts.store.runs.list_runs(room, limit=200), messages


async def _decided(made: House, room: str) -> None:
    """Waits until the call is decided about and what came of it is done."""
    async with asyncio.timeout(BUSY):
        while True:
            calls = [r for r in await made.parts.store.runs.list_runs(room, limit=5) if r.trigger.kind == "addressed"]
            if calls and (calls[0].decision.act != "speak" or calls[0].outcome is not None):
                return
            await asyncio.sleep(0.1)


def _whole(runs: tuple[RunView, ...]) -> None:
    """Every run that thought has three to rate, ten scores on each, and says how it came to its end."""
    thought = [r for r in runs if r.gate is None]
    assert thought
    assert [r.error for r in thought] == [None] * len(thought)
    for run in thought:
        assert run.model == "tiny"
        assert run.tokens.prompt > 0
        assert run.turn
        assert sum(run.turn.values()) == pytest.approx(1.0, abs=1e-3)
        assert set(run.stages) == {"retrieval", "formation", "evaluation", "participation"}
        for one in run.thoughts:
            assert len(one.scores) == 10
            assert all(1 <= s.value <= 5 for s in one.scores)
            judged = [s.distribution for s in one.scores if s.how != "measured"]
            assert all(d is not None and sum(d) == pytest.approx(1.0, abs=1e-4) for d in judged)
            assert one.stimuli


async def test_a_chatty_agent_thinks_aloud_at_least_once_and_a_shadow_never(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        runs, messages = await _chat(made, "speak", "chatty")
        _whole(runs)
        spoken = [m for m in messages if m["author"]["kind"] == "agent"]
        assert spoken
        assert {r.message for r in runs if r.outcome == "said" and r.message} == {m["id"] for m in spoken}

        runs, messages = await _chat(made, "shadow", "chatty")
        _whole(runs)
        assert all(m["author"]["kind"] == "human" for m in messages)
        assert all(r.decision.act in ("hold", "silent") for r in runs)
        assert any(r.decision.bound == "shadow" for r in runs)
