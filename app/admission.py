"""How many agents think at once in this process. The others wait, with nothing loaded yet.

A run holds what it works on: up to 30 held thoughts with their scores and embeddings, items of everybody present, prompts. Fifty
rooms that wait for one model held fifty of those; more of them than the model takes up together gains nothing.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PLACES = 16
"""`python -m bench rooms` has a model think of 16 rooms together, and a server gets 8 requests at once."""


class Admission:
    """Places for runs: urgent ones first, then in the order they came."""

    def __init__(self, places: int = PLACES) -> None:
        self._free = places
        self._came = 0
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []

    @property
    def waiting(self) -> int:
        return sum(not future.done() for _, _, future in self._waiting)

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
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (not urgent, self._came, place))
        self._came += 1
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():  # it was given in the same turn of the loop
                self._give_back()
            else:  # a model that hangs gives no place back, and those who gave up would be kept for as long
                self._waiting = [waiting for waiting in self._waiting if not waiting[2].done()]
                heapq.heapify(self._waiting)
            raise

    def _give_back(self) -> None:
        while self._waiting:
            _, _, place = heapq.heappop(self._waiting)
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
