import asyncio
from datetime import UTC

from app.clock import Clock, WallClock


def test_the_wall_clock_is_a_clock_in_utc_that_goes_forward() -> None:
    clock: Clock = WallClock()
    assert clock.now().tzinfo is UTC
    first = clock.tick()
    assert clock.tick() >= first


def test_what_is_due_runs_on_the_loop_and_what_was_cancelled_does_not() -> None:
    async def go() -> list[str]:
        clock, ran, done = WallClock(), list[str](), asyncio.Event()
        clock.call_later(0, lambda: ran.append("cancelled")).cancel()
        clock.call_later(0, lambda: ran.append("due"))
        clock.call_later(0, done.set)
        await done.wait()
        return ran

    assert asyncio.run(go()) == ["due"]
