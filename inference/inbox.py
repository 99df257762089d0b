"""The requests that wait for the model thread: urgent ones first, then in the order they came."""

import heapq
import threading

from inference.wire import Request


class Inbox:
    """One thread fills it, another takes from it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[bool, int, Request]] = []
        self._running: int | None = None
        self._cancelled = False

    def put(self, request: Request) -> None:
        with self._changed:
            heapq.heappush(self._waiting, (not request.urgent, request.id, request))
            self._changed.notify()

    def take(self) -> Request:
        """The next request; waits for one. The one taken before is over."""
        with self._changed:
            self._running = None
            self._changed.wait_for(lambda: self._waiting)
            request = heapq.heappop(self._waiting)[2]
            self._running, self._cancelled = request.id, False
            return request

    def cancel(self, request_id: int) -> bool:
        """True when the request was still waiting and is gone now; a running one is told by `cancelled`."""
        with self._changed:
            self._cancelled |= request_id == self._running
            left = [entry for entry in self._waiting if entry[1] != request_id]
            was_waiting = len(left) < len(self._waiting)
            heapq.heapify(left)
            self._waiting = left
            return was_waiting

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the running request any more."""
        return self._cancelled
