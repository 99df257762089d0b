"""One process serves an SQLite file, and leaves word whether it stopped in order."""

import fcntl
import os
from pathlib import Path

_SERVING = b"serving\n"


class HeldError(Exception):
    """Another process serves this database."""


class LockFile:
    """Beside the database, as `NAME.lock`. The system lets go of it when its process dies, however it dies; what is written in
    it then tells the next one. Raises HeldError, and OSError where it cannot be written."""

    def __init__(self, database: Path) -> None:
        wal = database.with_name(f"{database.name}-wal")
        path = database.with_name(f"{database.name}.lock")
        known = path.exists()
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise HeldError(f"another process serves {database}") from error
        # A database from before there were lock files: an orderly close leaves no log of SQLite's behind.
        left = os.pread(self._descriptor, len(_SERVING), 0) if known else b""
        self.unclean = left == _SERVING if known else wal.exists() and wal.stat().st_size > 0
        os.pwrite(self._descriptor, _SERVING, 0)
        os.fsync(self._descriptor)

    def release(self, clean: bool) -> None:
        """`clean`: the database was closed in order, and nothing is known against it."""
        if clean:
            os.ftruncate(self._descriptor, 0)
            os.fsync(self._descriptor)
        os.close(self._descriptor)
