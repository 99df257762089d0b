"""Time, passed in. Only this file reads the clock of the machine."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Timer(Protocol):
    def cancel(self) -> None: ...


class Clock(Protocol):
    """`now` is UTC; `tick` is monotonic seconds for measuring; `call_later` runs `action` on the loop after `delay` seconds."""

    def now(self) -> datetime: ...
    def tick(self) -> float: ...
    def call_later(self, delay: float, action: Callable[[], None]) -> Timer: ...


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def tick(self) -> float:
        return time.perf_counter()

    def call_later(self, delay: float, action: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(delay, action)


async def pause(clock: Clock, seconds: float) -> None:
    """Sleeps by `clock`; who is cancelled leaves no timer behind."""
    over = asyncio.Event()
    timer = clock.call_later(seconds, over.set)
    try:
        await over.wait()
    finally:
        timer.cancel()
