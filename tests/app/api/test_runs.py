"""The thought log over REST."""

import asyncio
from pathlib import Path

from tests.app.harness import served
from tests.app.store.opened import a_run


def test_pages_newest_first(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent=None)
            runs = [a_run(room, "g", i, act="speak" if i % 2 else "hold") for i in range(1, 6)]
            for run in runs:
                await house.parts.store.runs.save_run(run)

            async def page(query: str) -> tuple[list[int], str | None]:
                view = await ann.got("GET", f"/rooms/{room}/runs?{query}")
                return [r["trigger"]["seq"] for r in view["runs"]], view["next"]

            assert await page("limit=2") == ([5, 4], runs[3].id)
            assert await page(f"limit=2&before={runs[3].id}") == ([3, 2], runs[1].id)
            assert await page(f"limit=2&before={runs[1].id}") == ([1], None)
            assert await page("decision=speak") == ([5, 3, 1], None)
            assert await page(f"after={runs[2].id}") == ([5, 4], None)
            shown = await ann.got("GET", f"/runs/{runs[0].id}")
            assert shown == runs[0].model_dump(mode="json")

    asyncio.run(go())
