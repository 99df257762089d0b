"""The requests that wait for the model thread: urgent ones first, then in the order they came."""

import heapq
import threading
from typing import NamedTuple

from inference.wire import Request


class Taken(NamedTuple):
    """`cancelled`: ids of requests taken earlier for which nobody waits any more."""

    requests: list[Request]
    cancelled: list[int]


class Inbox:
    """One thread fills it, another takes from it and says what is over."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[bool, int, Request]] = []
        self._running: set[int] = set()
        self._cancelled: list[int] = []
        self._woken = False

    def put(self, request: Request) -> None:
        with self._changed:
            heapq.heappush(self._waiting, (not request.urgent, request.id, request))
            self._changed.notify()

    def wake(self) -> None:
        """Whoever waits in `take`, or calls it next, gets what there is, be it nothing."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def take(self, most: int, *, wait: bool) -> Taken:
        """At most `most` requests, and all for embeddings beside them, which hold nothing while they wait. `wait` until there
        is one, or somebody calls `wake`."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._waiting or self._woken)
            self._woken = False
            taken, left = list[Request](), list[tuple[bool, int, Request]]()
            while self._waiting:
                entry = heapq.heappop(self._waiting)
                if entry[2].method == "embed":
                    taken.append(entry[2])
                elif most > 0:
                    taken.append(entry[2])
                    most -= 1
                else:
                    left.append(entry)
            # What was popped in order is a heap as it stands.
            self._waiting = left
            self._running |= {request.id for request in taken}
            cancelled, self._cancelled = self._cancelled, []
            return Taken(taken, cancelled)

    def over(self, request_id: int) -> None:
        """A request that was taken has its last answer."""
        with self._changed:
            self._running.discard(request_id)

    def cancel(self, request_id: int) -> bool:
        """True when the request was still waiting and is gone now; of a running one the next `take` tells."""
        with self._changed:
            if request_id in self._running:
                self._cancelled.append(request_id)
            left = [entry for entry in self._waiting if entry[1] != request_id]
            was_waiting = len(left) < len(self._waiting)
            heapq.heapify(left)
            self._waiting = left
            return was_waiting
