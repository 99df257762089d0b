"""Jobs of many rooms in shared passes: who reads how much next. The passes themselves are given as a function.

One thread calls `step`. Where another calls `help`, what many jobs wait for is read in two passes at once, a core each: two
threads in one pass wait for each other after every product, and only one works on what is between passes.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from inference.edge import edge
from inference.segment import Job, Portion, Segment

_QUICK = 16
"""Tokens of a segment that goes before longer ones: one step of a text being written, for every room at once."""

_MANY = 8
"""Jobs under way from which two passes at once take less time than one after the other: each has to read the model's weights,
which is most of a pass for a few of them."""
_APART = 96
"""Tokens that are read in two passes at once, for the same reason, rather than in one with the whole machine."""

Read = Callable[[Sequence[Portion]], None]
"""One pass over the model; what it finds is in the segments."""


class Waiting(NamedTuple):
    """A segment that has `left` tokens to read. `had`: of the account of its job's owner."""

    left: int
    urgent: bool
    had: int


def shares(waiting: Sequence[Waiting], budget: int) -> list[int]:
    """How many tokens each gets of a pass of at most `budget`: quick steps first, then urgent ones, then those of whoever
    had the fewest; of a long one as much as there is room for."""
    found = [0] * len(waiting)
    order = sorted(range(len(waiting)), key=lambda i: _rank(waiting[i]))
    for i in order:
        found[i] = min(waiting[i].left, budget)
        budget -= found[i]
    return found


def _rank(one: Waiting) -> tuple[bool, bool, int]:
    return one.left > _QUICK, not one.urgent, one.had


class Outcome(NamedTuple):
    """How the job `name` ended: with a result, or with an error."""

    name: int
    result: Any
    error: Exception | None


@dataclass(eq=False)
class _Account:
    """`had`: tokens that were read for `owner`, and those that it did not ask for while others were served: what nobody asked
    for is no claim later (start-time fair queueing: Goyal, Vin, Cheng 1996)."""

    owner: str
    had: int = 0


@dataclass(eq=False)
class _Active:
    name: int
    job: Job[Any]
    urgent: bool
    account: _Account
    segments: Sequence[Segment] = field(default=())
    reading: bool = False
    """A pass is under way that reads for it."""
    cancelled: bool = False

    @property
    def unread(self) -> list[Segment]:
        return [segment for segment in self.segments if segment.left]

    @property
    def left(self) -> int:
        return sum(segment.left for segment in self.segments)


class Batch:
    """The jobs under way. Add some, and call `step` while some are `waiting`. `read` makes a pass that has the machine for
    itself, `beside` one beside another: `help` makes those, from a second thread, whatever the first does meanwhile."""

    def __init__(self, read: Read, budget: int, beside: Read | None = None) -> None:
        self._read = read
        self._beside = beside or read
        self.takes_help = beside is not None
        self._budget = budget
        self._active: list[_Active] = []
        self._level = 0
        """What the last had that was read for in its turn, before that: nobody who waits had less, and whoever asks next begins
        there. Urgent jobs and quick steps have no turn."""
        lock = threading.RLock()
        self._changed = threading.Condition(lock)
        self._much_to_read = threading.Condition(lock)
        """What the thread that helps waits for. It is not woken for anything else: who is awake has a core when a pass begins."""
        self._under_way: list[int] = []
        """Tokens of each pass that is."""
        self._helped = False

    def __len__(self) -> int:
        return len(self._active)

    @property
    def waiting(self) -> bool:
        """Whether a job has something to read that no pass reads now."""
        with self._changed:
            return bool(self._idle())

    def add(self, name: int, job: Job[Any], *, urgent: bool = False, owner: str = "") -> list[Outcome]:
        """Start `job`. It may end at once, when it has nothing to read. All jobs of an `owner` together get what one of another
        gets; without one a job is its own."""
        with self._changed:
            active = _Active(name, job, urgent, self._account(owner))
            self._active.append(active)
            return self._go_on(active)

    def _account(self, owner: str) -> _Account:
        known = (active.account for active in self._active if owner and active.account.owner == owner)
        return next(known, None) or _Account(owner)

    def cancel(self, name: int) -> bool:
        """Drop a job and free what it holds, after the pass that reads for it where there is one. False when it is none of
        these."""
        with self._changed:
            for active in self._active:
                if active.name == name and not active.cancelled:
                    active.cancelled = True
                    if not active.reading:
                        self._end(active)
                    return True
            return False

    def step(self) -> list[Outcome]:
        """One pass, where something waits for it, and whatever ended with it. An error of the pass ends the jobs that were in it,
        an error of a job that job alone."""
        with self._changed:
            # What the other thread will soon have read goes on with what waits here, in one pass with the whole machine.
            self._changed.wait_for(lambda: not (self._under_way and self._idle()) or self._much())
            some, alone = self._idle(), not self._under_way
            if alone and self._many and self._much():
                some, rest = halves(some)
                alone = not rest
            portions = self._begin(some)
        return self._pass(portions, self._read if alone else self._beside)

    def help(self) -> list[Outcome]:
        """One pass beside that of another thread, once there are many jobs, and enough to read for two."""
        with self._changed:
            self._helped = True
            self._much_to_read.wait_for(self._takes_two)
            portions = self._begin(self._idle())
        return self._pass(portions, self._beside)

    def _takes_two(self) -> bool:
        """Whether a pass beside the one that is under way would have enough to read."""
        return bool(self._many and self._under_way and self._idle() and self._much())

    @property
    def _many(self) -> bool:
        return self._helped and len(self._active) >= _MANY

    def _much(self) -> bool:
        """Whether what is being read and what waits are worth two passes."""
        return sum(self._under_way) + sum(active.left for active in self._idle()) >= _APART

    def _idle(self) -> list[_Active]:
        return [active for active in self._active if not active.reading and active.unread]

    def _begin(self, some: Iterable[_Active]) -> "list[tuple[_Active, Portion]]":
        """What a pass for `some` reads; `_pass` is to follow."""
        rows = [(active, segment) for active in some for segment in active.unread]
        counts = shares([Waiting(s.left, a.urgent, a.account.had) for a, s in rows], self._budget)
        chosen = [(a, Portion(s, count)) for (a, s), count in zip(rows, counts, strict=True) if count]
        if chosen:
            turns = [active.account.had for active, (s, _) in chosen if not active.urgent and s.left > _QUICK]
            self._level = max(self._level, *turns, 0)
            for active, (_, tokens) in chosen:
                active.reading = True
                active.account.had += tokens
            self._under_way.append(sum(tokens for _, (_, tokens) in chosen))
            if self._takes_two():
                self._much_to_read.notify()
        return chosen

    def _pass(self, chosen: "Sequence[tuple[_Active, Portion]]", read: Read) -> list[Outcome]:
        served = list(dict.fromkeys(active for active, _ in chosen))
        if not served:
            return []
        with edge(f"a pass over {len(served)} jobs") as kept:
            read([portion for _, portion in chosen])
        with self._changed:
            self._under_way.remove(sum(tokens for _, (_, tokens) in chosen))
            outcomes = []
            for active in served:
                active.reading = False
                if active.cancelled:
                    self._end(active)
                elif kept.error is not None:
                    outcomes.append(self._failed(active, kept.error))
                elif not active.unread:
                    outcomes += self._go_on(active)
            self._changed.notify_all()
            if self._takes_two():
                self._much_to_read.notify()
            return outcomes

    def _go_on(self, active: _Active) -> list[Outcome]:
        """Until the job has something to read or is over."""
        self._charge(active.account)
        with edge("a job") as kept:
            try:
                while not active.unread:
                    active.segments = next(active.job)
            except StopIteration as stop:
                self._end(active)
                return [Outcome(active.name, stop.value, None)]
        return [] if kept.error is None else [self._failed(active, kept.error)]

    def _charge(self, account: _Account) -> None:
        """Who asked for nothing has no claim to what others had meanwhile."""
        if not any(active.unread for active in self._active if active.account is account):
            account.had = max(account.had, self._level)

    def _failed(self, active: _Active, error: Exception) -> Outcome:
        self._end(active)
        return Outcome(active.name, None, error)

    def _end(self, active: _Active) -> None:
        self._active.remove(active)
        active.job.close()


def halves(jobs: Sequence[_Active]) -> tuple[list[_Active], list[_Active]]:
    """Two sets of `jobs`, with about as much to read each."""
    sets: tuple[list[_Active], list[_Active]] = ([], [])
    for job in sorted(jobs, key=lambda job: -job.left):
        min(sets, key=lambda some: sum(each.left for each in some)).append(job)
    return sets
