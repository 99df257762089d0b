"""One process a file, and word of how the last one ended."""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from app.store.lockfile import HeldError, LockFile


def test_an_orderly_end_leaves_nothing_to_check(tmp_path: Path) -> None:
    file = tmp_path / "aside.db"
    first = LockFile(file)
    assert not first.unclean
    first.release(clean=True)
    assert not LockFile(file).unclean


def test_a_second_process_is_refused_and_the_first_stays(tmp_path: Path) -> None:
    file = tmp_path / "aside.db"
    first = LockFile(file)
    for _ in range(2):
        with pytest.raises(HeldError, match=r"aside\.db"):
            LockFile(file)
    first.release(clean=True)
    assert not LockFile(file).unclean


def _serve_and_die(file: Path) -> None:
    LockFile(file)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_kill_frees_the_file_and_is_told(tmp_path: Path) -> None:
    file = tmp_path / "aside.db"
    victim = multiprocessing.get_context("fork").Process(target=_serve_and_die, args=(file,))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    after = LockFile(file)
    assert after.unclean
    after.release(clean=True)
    assert not LockFile(file).unclean


def test_what_was_found_damaged_is_looked_at_again(tmp_path: Path) -> None:
    file = tmp_path / "aside.db"
    LockFile(file).release(clean=False)
    assert LockFile(file).unclean


@pytest.mark.parametrize(("left", "unclean"), [(b"", False), (b"frames", True)])
def test_without_a_lock_file_what_sqlite_left_tells(tmp_path: Path, left: bytes, unclean: bool) -> None:
    (tmp_path / "aside.db-wal").write_bytes(left)
    assert LockFile(tmp_path / "aside.db").unclean is unclean
