"""Jobs of many rooms in shared passes: who reads how much next. The passes themselves are given as a function."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from inference.protocol import ModelError
from inference.segment import Job, Portion, Segment

log = logging.getLogger(__name__)

_QUICK = 16
"""Tokens of a segment that goes before longer ones: one step of a text being written, for every room at once."""

Read = Callable[[Sequence[Portion]], None]
"""One pass over the model; what it finds is in the segments."""


class Waiting(NamedTuple):
    """A segment that has `left` tokens to read. `served`: the number of the last pass that read for its job."""

    left: int
    urgent: bool
    served: int


def shares(waiting: Sequence[Waiting], budget: int) -> list[int]:
    """How many tokens each gets of a pass of at most `budget`: quick steps first, then urgent ones, then those whose job was
    served the longest ago; of a long one as much as there is room for."""
    found = [0] * len(waiting)
    order = sorted(range(len(waiting)), key=lambda i: _rank(waiting[i]))
    for i in order:
        found[i] = min(waiting[i].left, budget)
        budget -= found[i]
    return found


def _rank(one: Waiting) -> tuple[bool, bool, int]:
    return one.left > _QUICK, not one.urgent, one.served


class Outcome(NamedTuple):
    """How the job `name` ended: with a result, or with an error."""

    name: int
    result: Any
    error: Exception | None


@dataclass(eq=False)
class _Active:
    name: int
    job: Job[Any]
    urgent: bool
    served: int
    segments: Sequence[Segment] = field(default=())

    @property
    def unread(self) -> list[Segment]:
        return [segment for segment in self.segments if segment.left]


class Batch:
    """The jobs under way. Add some, and call `step` while there are any."""

    def __init__(self, read: Read, budget: int) -> None:
        self._read = read
        self._budget = budget
        self._active: list[_Active] = []
        self._passes = 0

    def __len__(self) -> int:
        return len(self._active)

    def add(self, name: int, job: Job[Any], *, urgent: bool = False) -> list[Outcome]:
        """Start `job`. It may end at once, when it has nothing to read."""
        active = _Active(name, job, urgent, self._passes)
        self._active.append(active)
        return self._go_on(active)

    def cancel(self, name: int) -> bool:
        """Drop a job and free what it holds. False when it is none of these."""
        for active in self._active:
            if active.name == name:
                self._end(active)
                return True
        return False

    def step(self) -> list[Outcome]:
        """One pass, and whatever ended with it. An error of the pass ends the jobs that were in it, an error of a job that
        job alone."""
        rows = [(active, segment) for active in self._active for segment in active.unread]
        counts = shares([Waiting(s.left, a.urgent, a.served) for a, s in rows], self._budget)
        chosen = [(a, Portion(s, count)) for (a, s), count in zip(rows, counts, strict=True) if count]
        served = list(dict.fromkeys(active for active, _ in chosen))
        self._passes += 1
        try:
            self._read([portion for _, portion in chosen])
        except ModelError as error:
            return [self._failed(active, error) for active in served]
        except Exception as error:
            # The edge of a model: torch raises anything, and the other jobs are not to blame.
            log.error("a pass over %d jobs failed", len(served), exc_info=error)
            return [self._failed(active, error) for active in served]
        outcomes = []
        for active in served:
            active.served = self._passes
            if not active.unread:
                outcomes += self._go_on(active)
        return outcomes

    def _go_on(self, active: _Active) -> list[Outcome]:
        """Until the job has something to read or is over."""
        try:
            while not active.unread:
                active.segments = next(active.job)
        except StopIteration as stop:
            self._end(active)
            return [Outcome(active.name, stop.value, None)]
        except ModelError as error:
            return [self._failed(active, error)]
        except Exception as error:
            # As above: tokenisers and sampling raise anything, too.
            log.error("a job failed", exc_info=error)
            return [self._failed(active, error)]
        return []

    def _failed(self, active: _Active, error: Exception) -> Outcome:
        self._end(active)
        return Outcome(active.name, None, error)

    def _end(self, active: _Active) -> None:
        self._active.remove(active)
        active.job.close()
