"""A disk that forgets what was not flushed to it when the power goes: `python -m bench.disk MOUNTPOINT`.

A file system in memory, of one folder. Only what `fsync` was called for is kept, a file's name only once its folder was synced.
What was written since may be lost whole, or in part, in any order, also in the middle of a page: what a disk with a cache may do.
Setting the attribute `user.cut` of the mount point to a seed cuts the power; every process that had files open should be dead by
then. Needs /dev/fuse and libfuse 2.
"""

import errno
import itertools
import random
import stat
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from fuse import FUSE, FuseOSError, Operations

SECTOR = 512
"""Bytes that are written whole or not at all."""


@dataclass
class Blob:
    """`live` is what processes see, `kept` what is on the disk; `pending` leads from one to the other: (offset, bytes), or
    (length, None) where it was cut or stretched."""

    mode: int
    live: bytearray = field(default_factory=bytearray)
    kept: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def write(self, offset: int, data: bytes) -> None:
        _apply(self.live, offset, data)
        self.pending.append((offset, data))

    def truncate(self, length: int) -> None:
        _apply(self.live, length, None)
        self.pending.append((length, None))

    def sync(self) -> None:
        for offset, data in self.pending:
            _apply(self.kept, offset, data)
        self.pending.clear()

    def cut(self, rng: random.Random) -> None:
        """Nothing, a beginning, or any part of what was pending has reached the disk."""
        kind = rng.randrange(3)
        if kind == 1:
            for offset, data in self.pending[: rng.randrange(len(self.pending) + 1)]:
                _apply(self.kept, offset, data)
        elif kind == 2:
            for offset, data in self.pending:
                if data is None:
                    _apply(self.kept, offset, None)
                    continue
                for at in range(0, len(data), SECTOR):
                    if rng.random() < 0.5:
                        _apply(self.kept, offset + at, data[at : at + SECTOR])
        self.pending.clear()
        self.live = bytearray(self.kept)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        content.extend(bytes(offset - len(content)))
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


class Disk(Operations):  # type: ignore[misc]
    """One folder. An open file stays what it was when its name goes."""

    def __init__(self) -> None:
        self.names: dict[str, Blob] = {}
        self.kept_names: dict[str, Blob] = {}
        self._open: dict[int, Blob] = {}
        self._handles = itertools.count(1)

    def cut(self, seed: int) -> None:
        rng = random.Random(seed)
        self.names = dict(self.kept_names)
        for blob in self.names.values():
            blob.cut(rng)

    # -- what the kernel asks ------------------------------------------------------------------------------------------

    def setxattr(self, path: str, name: str, value: bytes, options: int, position: int = 0) -> int:
        if name != "user.cut":
            raise FuseOSError(errno.ENOTSUP)
        self.cut(int(value))
        return 0

    def getxattr(self, path: str, name: str, position: int = 0) -> bytes:
        raise FuseOSError(errno.ENODATA)

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
        blob = self._open[fh] if fh in self._open else self._named(path)
        now = time.time()
        return {"st_mode": stat.S_IFREG | blob.mode, "st_nlink": 1, "st_size": len(blob.live), "st_mtime": now}

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *(name[1:] for name in self.names)]

    def create(self, path: str, mode: int, fi: object = None) -> int:
        self.names[path] = Blob(mode & 0o777)
        return self.open(path, 0)

    def open(self, path: str, flags: int) -> int:
        handle = next(self._handles)
        self._open[handle] = self._named(path)
        return handle

    def release(self, path: str, fh: int) -> int:
        self._open.pop(fh, None)
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self._open[fh].live[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._open[fh].write(offset, bytes(data))
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        (self._open[fh] if fh in self._open else self._named(path)).truncate(length)
        return 0

    def unlink(self, path: str) -> int:
        self._named(path)
        del self.names[path]
        return 0

    def rename(self, old: str, new: str) -> int:
        self.names[new] = self._named(old)
        del self.names[old]
        return 0

    def chmod(self, path: str, mode: int) -> int:
        self._named(path).mode = mode & 0o777
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        return 0

    def utimens(self, path: str, times: object = None) -> int:
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._open[fh].sync()
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        self.kept_names = dict(self.names)
        return 0

    def _named(self, path: str) -> Blob:
        if path not in self.names:
            raise FuseOSError(errno.ENOENT)
        return self.names[path]


if __name__ == "__main__":
    FUSE(Disk(), sys.argv[1], foreground=True, nothreads=True, attr_timeout=0, entry_timeout=0, big_writes=True)
