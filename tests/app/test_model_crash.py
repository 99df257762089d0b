"""A model process is killed in the middle of a run: the chat goes on, the run says what happened, and a later one thinks."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.protocol import RunView
from inference.remote import RemoteEngine
from tests.app.harness import House, ScriptedEngine, served

pytestmark = pytest.mark.anyio
PATIENCE = 60.0


async def test_the_chat_does_not_notice(tmp_path: Path) -> None:
    asleep = tmp_path / "asleep"
    asleep.touch()
    engine = RemoteEngine(
        [sys.executable, "-m", "tests.inference.fake_worker", "thinks", str(asleep)], "fake", PATIENCE
    )
    await engine.start()
    try:
        async with asyncio.timeout(PATIENCE):
            async with served(tmp_path, ScriptedEngine(model=engine.model, embedder=engine.embedder)) as house:
                await _killed(house, engine, asleep)
    finally:
        await engine.close()


async def _killed(house: House, engine: RemoteEngine, asleep: Path) -> None:
    ann = await house.user("Ann")
    room = await ann.room("Trip", agent={"name": "Mika", "policy": {"debounce": 0, "min_gap": 0}})
    async with ann.line({room: 0}) as line:
        assert (await line.post(room, "c1", "Mika, train or plane?"))["type"] == "ack"
        os.kill(await asyncio.to_thread(_thinker, asleep), signal.SIGKILL)
        for n in range(5):
            assert (await line.post(room, f"d{n}", f"Anybody else, {n}?"))["type"] == "ack"
        lost = "ModelUnavailableError: the model process ended with signal 9"
        failed = await _run(house, room, lambda run: run.error == lost)
        assert failed.decision.act == "silent"
        while engine.status() != "ok":
            await engine.next_status()
        assert (await line.post(room, "c2", "Mika, are you there?"))["type"] == "ack"
        thought = await _run(house, room, lambda run: run.error is None and bool(run.thoughts))
        assert "I would take the train." in {one.text for one in thought.thoughts}
    messages = (await ann.got("GET", f"/rooms/{room}/messages?limit=50"))["messages"]
    assert {m["text"] for m in messages} >= {"Mika, train or plane?", *(f"Anybody else, {n}?" for n in range(5))}


def _thinker(asleep: Path) -> int:
    """The process that thinks, as soon as it does; when it is started again it will answer."""
    while not (process := asleep.read_text()):
        time.sleep(0.02)
    asleep.unlink()
    return int(process)


async def _run(house: House, room: str, wanted: Callable[[RunView], bool]) -> RunView:
    """The first run that is `wanted`, as soon as it is kept."""
    while True:
        for run in await house.parts.store.runs.list_runs(room, limit=50):
            if wanted(run):
                return run
        await asyncio.sleep(0.05)
