"""How the C library keeps memory, which is set otherwise for a process of passes and for one of people.

glibc gives every large block back to the kernel when it is freed, and the kernel hands out the next one page by page, each
cleared first. A pass makes and frees hundreds of such blocks: that took up to a third of its time. And it gives each thread a
heap of its own, up to eight a core: what the threads of a database free stays in theirs, where nobody else can use it.
"""

import ctypes

KEPT = 1 << 28
"""Bytes: larger blocks than that are given back as before, and so is what is free beyond it."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""What malloc.h of glibc calls M_TRIM_THRESHOLD, M_MMAP_THRESHOLD and M_ARENA_MAX."""


def keep_pages() -> bool:
    """For this process from now on: call it when what is only needed for loading is freed. False where the C library has no such
    setting."""
    return _set(_MMAP_THRESHOLD, KEPT) and _set(_TRIM_THRESHOLD, KEPT)


def share_heap() -> bool:
    """All threads of this process use one heap from now on: call it before they are started. They take turns for Python's lock
    anyway. False where the C library has no such setting."""
    return _set(_ARENA_MAX, 1)


def _set(setting: int, value: int) -> bool:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and mallopt(setting, value) == 1
