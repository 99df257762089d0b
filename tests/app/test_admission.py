"""Places for runs: so many at once, and the urgent ones of those who wait first."""

import asyncio
from contextlib import AsyncExitStack

from app.admission import PLACES, Admission


def test_so_many_think_at_once_and_an_urgent_run_is_the_next() -> None:
    async def go() -> None:
        admission, entered = Admission(), list[str]()

        async def run(name: str, urgent: bool) -> None:
            async with admission.place(urgent):
                entered.append(name)

        async with AsyncExitStack() as thinking:
            for _ in range(PLACES):
                await thinking.enter_async_context(admission.place(False))
            runs = [asyncio.ensure_future(run(name, name == "addressed")) for name in ("heard", "addressed")]
            await asyncio.sleep(0)
            assert (entered, admission.waiting) == ([], 2)
        await asyncio.wait(runs)
        assert entered == ["addressed", "heard"]

    asyncio.run(go())
