"""The reservoir over REST."""

import asyncio
from pathlib import Path

from tests.app.harness import served
from tests.app.store.opened import a_thought


def test_thoughts_by_state(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent=None)
            held, spoken = a_thought("g", 1), a_thought("g", 2, "spoken", "Tea is ready.")
            await house.parts.store.thoughts.save_thoughts(room, [spoken, held])

            async def ids(query: str) -> list[str]:
                return [t["id"] for t in (await ann.got("GET", f"/rooms/{room}/thoughts{query}"))["thoughts"]]

            assert await ids("") == [held.id, spoken.id]
            assert await ids("?state=held") == [held.id]
            assert await ids("?state=spoken") == [spoken.id]
            assert await ids("?state=retired") == []

    asyncio.run(go())
