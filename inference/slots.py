"""Slots for work of which only so much is done at once, such as the requests that a model server has in flight."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Slots:
    """Urgent work gets the next free one, then what came first."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._came = 0
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []

    @property
    def waiting(self) -> int:
        return sum(not slot.done() for _, _, slot in self._waiting)

    @asynccontextmanager
    async def place(self, urgent: bool) -> AsyncIterator[None]:
        """Waits for one, and gives it back."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(urgent)
        try:
            yield
        finally:
            self._give_back()

    async def _wait(self, urgent: bool) -> None:
        slot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (not urgent, self._came, slot))
        self._came += 1
        try:
            await slot
        except asyncio.CancelledError:
            if not slot.cancelled():  # it was given in the same turn of the loop
                self._give_back()
            else:  # a model that hangs gives no slot back, and those who gave up would be kept for as long
                self._waiting = [waiting for waiting in self._waiting if not waiting[2].done()]
                heapq.heapify(self._waiting)
            raise

    def _give_back(self) -> None:
        while self._waiting:
            _, _, slot = heapq.heappop(self._waiting)
            if not slot.done():
                slot.set_result(None)
                return
        self._free += 1
