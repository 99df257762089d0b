"""A copy of an SQLite database while the service writes into it."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pysqlite3.dbapi2 as pysqlite3
from sqlalchemy.engine import make_url


class CannotBackUpError(Exception):
    """The message says why, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What the copy has, counted in the copy."""

    to: Path
    size: int
    rooms: int
    messages: int
    seconds: float


def back_up(url: str, to: Path) -> Copied:
    """Writes what is committed now to the new file `to`, which appears whole, checked and flushed to disk, or not at all.

    One read transaction (SQLite's online backup in a single step): writers go on meanwhile, and nothing of them is half in it.
    Raises CannotBackUpError."""
    source = file_of(url)
    if not source.is_file():
        raise CannotBackUpError(f"ASIDE_DATABASE={url!r}: there is no file {source}")
    if to.exists():
        raise CannotBackUpError(f"{to} is there already; a backup overwrites nothing")
    part = to.with_name(f"{to.name}.part")
    began = time.perf_counter()
    try:
        part.unlink(missing_ok=True)
        rooms, messages = _copy(source, part)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.rename(to)
        _flush_folder(to.parent)
        return Copied(to, to.stat().st_size, rooms, messages, time.perf_counter() - began)
    except (OSError, pysqlite3.Error) as error:
        raise CannotBackUpError(f"{source} was not copied to {to}: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def file_of(url: str) -> Path:
    """The file of an SQLite URL. Raises CannotBackUpError for any other."""
    made = make_url(url)
    if made.get_backend_name() != "sqlite":
        raise CannotBackUpError(
            "ASIDE_DATABASE is a PostgreSQL server, which has its own tools: pg_dump --format=custom for a copy of this moment, "
            "pg_basebackup with archived WAL for any moment"
        )
    if not made.database or made.database == ":memory:":
        raise CannotBackUpError(f"ASIDE_DATABASE={url!r} is no file")
    return Path(made.database)


def _copy(source: Path, to: Path) -> tuple[int, int]:
    live = pysqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=10)
    copy = pysqlite3.connect(to)
    try:
        live.backup(copy)
        # One file, with no log of its own beside it that could be forgotten.
        copy.execute("PRAGMA journal_mode=DELETE")
        problem = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if problem != "ok":
            raise CannotBackUpError(f"{source} is damaged: {problem}")
        rooms, messages = (
            copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("rooms", "messages")
        )
        return int(rooms), int(messages)
    finally:
        copy.close()
        live.close()


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
