"""A copy of a database that is written to."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from app.store.backup import CannotBackUpError, back_up
from tests.app.store.opened import NOW, a_room, opened


def test_what_was_committed_is_in_it_and_writers_go_on(sqlite_url: str, tmp_path: Path) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, ann = await a_room(store)
            stop = asyncio.Event()

            async def write() -> int:
                n = 0
                while not stop.is_set():
                    await store.messages.post(room, ann, f"c{n}", f"message {n}", None, NOW)
                    n += 1
                return n

            writing = asyncio.create_task(write())
            counts = []
            for i in range(3):
                await asyncio.sleep(0.02)
                known = (await store.rooms.get(room)).head  # type: ignore[union-attr]
                copied = await asyncio.to_thread(back_up, sqlite_url, tmp_path / f"copy{i}.db")
                assert copied.rooms == 1
                assert copied.messages >= known
                counts.append(copied.messages)
            stop.set()
            assert await writing >= counts[-1] > counts[0] > 0

    asyncio.run(go())
    # Whole by itself, and readable by any SQLite: no log beside it, every event up to the last.
    assert {f.name for f in tmp_path.iterdir() if f.is_file()} == {f"copy{i}.db" for i in range(3)}
    copy = sqlite3.connect(tmp_path / "copy2.db")
    seqs = [seq for (seq,) in copy.execute("SELECT seq FROM events ORDER BY seq")]
    assert seqs == list(range(1, len(seqs) + 1))
    copy.close()


def test_a_copy_serves(sqlite_url: str, tmp_path: Path) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, ann = await a_room(store)
            posted = await store.messages.post(room, ann, "c1", "hello", None, NOW)
        back_up(sqlite_url, tmp_path / "copy.db")
        async with opened(f"sqlite+aiosqlite:///{tmp_path / 'copy.db'}") as store:
            again = await store.messages.post(room, ann, "c1", "hello", None, NOW)
            assert (again.message.id, again.logged) == (posted.message.id, None)

    asyncio.run(go())


def test_it_overwrites_nothing(sqlite_url: str, tmp_path: Path) -> None:
    there = tmp_path / "copy.db"
    there.write_text("precious")
    with pytest.raises(CannotBackUpError, match=r"copy\.db is there already"):
        back_up(sqlite_url, there)
    assert there.read_text() == "precious"


def test_a_damaged_database_is_no_backup(sqlite_url: str, tmp_path: Path) -> None:
    file = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    pages = bytearray(file.read_bytes())
    pages[4096 * 3 : 4096 * 5] = b"\xff" * 8192
    file.write_bytes(pages)
    with pytest.raises(CannotBackUpError, match=r"damaged|malformed"):
        back_up(sqlite_url, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql+asyncpg://aside@db/aside", "pg_dump"),
        ("sqlite+aiosqlite:///:memory:", "no file"),
        ("sqlite+aiosqlite:////nowhere/aside.db", "/nowhere/aside.db"),
    ],
)
def test_what_cannot_be_copied_is_named(url: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(CannotBackUpError, match=says):
        back_up(url, tmp_path / "copy.db")


def test_a_folder_that_is_not_there(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(CannotBackUpError, match="nowhere"):
        back_up(sqlite_url, tmp_path / "nowhere" / "copy.db")
