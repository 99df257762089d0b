"""Memory that passes use again and again stays with the process.

glibc gives every large block back to the kernel when it is freed, and the kernel hands out the next one page by page, each
cleared first. A pass makes and frees hundreds of such blocks: that took up to a third of its time.
"""

import ctypes

KEPT = 1 << 28
"""Bytes: larger blocks than that are given back as before, and so is what is free beyond it."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""What malloc.h of glibc calls M_TRIM_THRESHOLD and M_MMAP_THRESHOLD."""


def keep_pages() -> bool:
    """For this process from now on: call it when what is only needed for loading is freed. False where the C library has no such
    setting."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return all(mallopt(setting, KEPT) == 1 for setting in (_MMAP_THRESHOLD, _TRIM_THRESHOLD))
