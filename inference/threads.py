"""How many threads a pass takes: as many as there are cores that nobody else works on.

Threads that meet after every layer wait for the slowest of them. Where another process has a core, one thread alone is several
times faster than two of which one waits for its turn; where both cores are free, two are faster by half if they wait for each
other spinning for a moment, and slower than one if they go to sleep each time.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import torch

LOAD = Path("/proc/loadavg")
CGROUP = Path("/sys/fs/cgroup")
_QUOTAS = (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"))
"""Microseconds of all cores together in each period, and of the period: files of Linux's control groups, version 2 and 1."""
_AT_ONCE = 0.05
"""Seconds between two passes that follow each other."""


def cores(group: Path = CGROUP) -> int:
    """Those that this process may run on, or as many as its container is given the time of (`docker run --cpus=2`) where these
    are fewer."""
    allowed = len(os.sched_getaffinity(0))
    quota = _quota(group)
    return allowed if quota is None else min(allowed, quota)


def _quota(group: Path) -> int | None:
    """Cores, rounded up. None where there is no limit, or none that can be read: "max" and -1 say that too."""
    for names in _QUOTAS:
        try:
            words = [word for name in names for word in (group / name).read_text(encoding="ascii").split()]
            share, period = map(int, words)
        except (OSError, ValueError):
            continue
        if share > 0 and period > 0:
            return -(-share // period)
    return None


def free_cores(load: str, cores: int) -> int:
    """Cores that nobody else wants now. `load`: a line as Linux's /proc/loadavg, whose fourth word counts what wants to run
    now on any of `cores`, the thread that asks among it. Raises ValueError where it is no such line."""
    words = load.split()
    if len(words) < 4:
        raise ValueError(f"no load: {load!r}")
    return cores - (int(words[3].split("/")[0]) - 1)


def settler(
    allowed: int,
    cores: int | None = None,
    load: Path = LOAD,
    now: Callable[[], float] = time.perf_counter,
) -> Callable[[], AbstractContextManager[None]]:
    """A function whose result is entered for each pass, in the thread that makes it: sets torch's threads to the free ones of
    `allowed`, one at least. `cores` of the machine: default those that it has. Where nothing tells the load it takes all that
    are allowed.

    Who was just answered is awake for a moment when the next pass begins, and asleep during the rest of it. So of two passes
    that follow each other the end of the one counts as well as the beginning of the other, whichever shows more free cores:
    whoever keeps a core busy is there both times."""
    cores = cores or os.cpu_count() or allowed
    free_then, ended = 0, -_AT_ONCE

    def free() -> int:
        try:
            return free_cores(load.read_text(encoding="ascii"), cores)
        except (OSError, ValueError):
            return allowed

    @contextmanager
    def settled() -> Iterator[None]:
        nonlocal free_then, ended
        found = max(free(), free_then) if now() - ended < _AT_ONCE else free()
        wanted = max(1, min(allowed, found))
        # The thread may have made a pass beside another since.
        if wanted != torch.get_num_threads():
            torch.set_num_threads(wanted)
        yield
        free_then, ended = free(), now()

    return settled
