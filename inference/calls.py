"""For whom calls of a model are made; what they took, for whoever wants to know: the service's metrics and spans."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

now = time.monotonic
"""One clock for all processes of a machine: when a model process began is comparable with when it was asked."""


OWNER: ContextVar[str] = ContextVar("owner", default="")
"""Whose share of the model the calls of a task take, as a room's agents do together; empty: each call has one of its own."""


@dataclass(frozen=True, slots=True)
class Call:
    """Seconds of `now`. `asked` by the service, `begun` by the model process or sent to the server (None where it never came to
    that), `over` when the answer was heard. `failed`: the answer was an error, or nobody waited for it any more."""

    method: str
    asked: float
    begun: float | None
    over: float
    failed: bool = False


Watcher = Callable[[Call], None]

WATCHERS: list[Watcher] = []
"""Called in the task that asked, at the end of its call. They must not raise."""


def tell(call: Call) -> None:
    for watcher in WATCHERS:
        watcher(call)


class Timed:
    """A call under way."""

    begun: float | None = None

    def begins(self) -> None:
        self.begun = now()


@contextmanager
def timed(method: str) -> Iterator[Timed]:
    """Tells of what is done inside; it failed where it raises."""
    timed, asked, failed = Timed(), now(), True
    try:
        yield timed
        failed = False
    finally:
        tell(Call(method, asked, timed.begun, now(), failed))
