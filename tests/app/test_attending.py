"""What is said to agents directly is heard by one of those who attend to it, and by nobody else."""

import asyncio
from pathlib import Path

import pytest

from app.protocol import NewAgent
from tests.app.minds import NEVER, world


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Mika, quiet for an hour", "told it to be quiet"),
        ("Mika, remind me in an hour to eat", "asked it to wake up"),
        ("Mika, never mind the reminder", "took back 0 reminders"),
    ],
)
def test_who_attends_to_it_leaves_a_run_that_says_why_nobody_thought(tmp_path: Path, text: str, answer: str) -> None:
    async def go() -> None:
        async with world(tmp_path, NewAgent(name="Mika", policy=NEVER, mode="speak")) as w:
            w.room.say(w.room.people[0].id, text)
            await w.settle()
            (run,) = await w.stored()
            assert run.gate is not None
            assert answer in run.gate
            assert run.thoughts == []

    asyncio.run(go())
