"""What is to be written into one room: begun at once, so that it shares the next commit, and finished in the order it came in."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from app.store.events import Logged

LENGTH = 256
"""Orders that are not finished. Whoever comes then waits."""


@dataclass(slots=True)
class Order:
    """`write` makes the change durable and gives its value and what the log got; `committed` is called with that value, `done`
    has it once everybody was told. `alone`: whoever comes after it must see what it did, so nothing is begun until it is
    finished. `begun`: the write, under way or over."""

    write: Callable[[], Awaitable[tuple[Any, Logged | None]]]
    committed: Callable[[Any], None]
    done: asyncio.Future[Any]
    alone: bool
    begun: "asyncio.Future[tuple[Any, Logged | None]] | None" = None


class Line:
    """One task calls `next` again and again, and finishes each order that it is given before it does. Nothing is begun before
    the first call."""

    def __init__(self) -> None:
        self._orders: asyncio.Queue[Order] = asyncio.Queue(LENGTH)
        self._waiting: deque[Order] = deque()
        self._barred = True
        self._last: Order | None = None

    @property
    def idle(self) -> bool:
        return self._orders.empty() and (self._last is None or self._last.done.done())

    def full(self) -> bool:
        return self._orders.full()

    async def put(self, order: Order) -> None:
        await self._orders.put(order)
        self._wait(order)

    def put_nowait(self, order: Order) -> None:
        """Raises asyncio.QueueFull."""
        self._orders.put_nowait(order)
        self._wait(order)

    async def next(self) -> Order:
        """The oldest that was not given yet, once its write is over; the one that was given before is finished."""
        if self._last is None or self._last.alone:
            self._barred = False
            self._begin()
        order = self._last = await self._orders.get()
        assert order.begun is not None
        if not order.begun.done():
            await asyncio.wait([order.begun])
        return order

    def unfinished(self) -> list[Order]:
        """Takes them all out, the one that `next` gave last among them. Writes that were begun go on, and what they raise is not
        asked for any more."""
        orders = [] if self._last is None else [self._last]
        while not self._orders.empty():
            orders.append(self._orders.get_nowait())
        self._waiting.clear()
        for order in orders:
            if order.begun is not None:
                order.begun.add_done_callback(_seen)
        return [order for order in orders if not order.done.done()]

    def _wait(self, order: Order) -> None:
        self._waiting.append(order)
        self._begin()

    def _begin(self) -> None:
        while self._waiting and not self._barred:
            order = self._waiting.popleft()
            self._barred = order.alone
            order.begun = asyncio.ensure_future(order.write())


def _seen(write: "asyncio.Future[Any]") -> None:
    if not write.cancelled():
        write.exception()
