"""Limits of writing that hold at both doors."""

import asyncio
from pathlib import Path

from app.rates import PERSON
from tests.app.harness import ManualClock, served


def test_one_person_writes_so_much_over_all_rooms(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path, clock=ManualClock()) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            rooms = [await ann.room(agent=None) for _ in range(PERSON.burst // 9 + 1)]
            await ann.let_in(rooms[-1], bob)
            async with ann.line(dict.fromkeys(rooms, 0)) as line:
                answers = [await line.post(room, f"c{i}", "x") for room in rooms for i in range(9)]
                assert [a["type"] for a in answers] == ["ack"] * PERSON.burst + ["error"] * 9
                assert "messages of one person" in answers[-1]["detail"]
                body = {"client_id": "c", "text": "x"}
                assert (await ann.call("POST", f"/rooms/{rooms[-1]}/messages", body)).status_code == 429
                assert (await bob.call("POST", f"/rooms/{rooms[-1]}/messages", body)).status_code == 201

    asyncio.run(go())
