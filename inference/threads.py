"""How many threads a pass takes: as many as there are cores that nobody else works on.

Threads that meet after every layer wait for the slowest of them. Where another process has a core, one thread alone is several
times faster than two of which one waits for its turn; where both cores are free, two are faster by half if they wait for each
other spinning for a moment, and slower than one if they go to sleep each time.
"""

import os
from collections.abc import Callable
from pathlib import Path

import torch

LOAD = Path("/proc/loadavg")


def free_cores(load: str, cores: int) -> int:
    """Cores that nobody else wants now. `load`: a line as Linux's /proc/loadavg, whose fourth word counts what wants to run
    now on any of `cores`, the thread that asks among it. Raises ValueError where it is no such line."""
    words = load.split()
    if len(words) < 4:
        raise ValueError(f"no load: {load!r}")
    return cores - (int(words[3].split("/")[0]) - 1)


def settler(allowed: int, cores: int | None = None, load: Path = LOAD) -> Callable[[], None]:
    """A function to call before each pass, in the thread that makes it: sets torch's threads to the free ones of `allowed`, one
    at least. `cores` of the machine: default those that it has. Where nothing tells the load it takes all that are allowed."""
    cores = cores or os.cpu_count() or allowed
    chosen = 0

    def settle() -> None:
        nonlocal chosen
        try:
            wanted = max(1, min(allowed, free_cores(load.read_text(encoding="ascii"), cores)))
        except (OSError, ValueError):
            wanted = allowed
        if wanted != chosen:
            torch.set_num_threads(wanted)
            chosen = wanted

    return settle
