"""The pace of a replay: what waits, what a step is, and what ends a wait."""

import asyncio

import pytest

from app.errors import Conflict
from app.live_replay import LONGEST_WAIT, LiveReplay


def replay(speed: float = 1.0) -> LiveReplay:
    return LiveReplay("room", (), speed, 0, "running")


async def waited(one: LiveReplay, gap: float) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await one.turn(gap)
    return loop.time() - began


def test_a_gap_takes_its_time_by_the_speed_and_a_night_takes_no_night() -> None:
    async def go() -> None:
        assert await waited(replay(1000.0), 100.0) == pytest.approx(0.1, abs=0.08)
        assert await waited(replay(), 0.0) < 0.05
        assert LONGEST_WAIT < 10

    asyncio.run(go())


def test_a_change_of_speed_holds_for_the_wait_under_way() -> None:
    async def go() -> None:
        one = replay(0.1)
        turn = asyncio.ensure_future(waited(one, 100.0))
        await asyncio.sleep(0)
        one.change(1_000_000.0, None, False)
        assert await turn < 1.0

    asyncio.run(go())


def test_paused_waits_until_a_step_or_until_it_goes_on() -> None:
    async def go() -> None:
        one = replay(1_000_000.0)
        one.change(None, "paused", False)
        turn = asyncio.ensure_future(one.turn(1.0))
        done, _ = await asyncio.wait([turn], timeout=0.05)
        assert not done
        one.change(None, None, True)
        await turn
        assert one.state == "paused"
        again = asyncio.ensure_future(one.turn(1.0))
        done, _ = await asyncio.wait([again], timeout=0.05)
        assert not done, "a step is one message"
        one.change(None, "running", False)
        await again

    asyncio.run(go())


def test_what_is_over_is_not_changed() -> None:
    one = replay()
    one.state = "ended"
    with pytest.raises(Conflict):
        one.change(2.0, None, False)
