"""What the disk keeps and what it forgets."""

import importlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.power import missing

if (lacks := missing()) is not None:
    pytest.skip(lacks, allow_module_level=True)
disk = importlib.import_module("bench.disk")  # not above: without libfuse it cannot be imported

WRITES = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 2000), st.binary(min_size=1, max_size=1500)),
        st.tuples(st.just("truncate"), st.integers(0, 2500), st.just(b"")),
        st.tuples(st.just("sync"), st.just(0), st.just(b"")),
    ),
    max_size=15,
)


@given(WRITES, st.integers(0, 2**32))
def test_what_was_synced_last_is_kept_and_all_is_kept_once_synced(
    writes: list[tuple[str, int, bytes]], seed: int
) -> None:
    blob = disk.Blob(0o600)
    synced = b""
    for kind, offset, data in writes:
        if kind == "write":
            blob.write(offset, data)
        elif kind == "truncate":
            blob.truncate(offset)
        else:
            blob.sync()
            synced = bytes(blob.live)
    untouched = not blob.pending
    live = bytes(blob.live)
    assert bytes(blob.kept) == synced
    blob.cut(random.Random(seed))
    assert not untouched or bytes(blob.live) == live == synced
    assert blob.live == blob.kept
    assert not blob.pending


def test_a_cut_may_lose_all_some_or_nothing_of_what_was_not_synced() -> None:
    ends = set()
    for seed in range(200):
        blob = disk.Blob(0o600)
        blob.write(0, b"a" * 1024)
        blob.sync()
        blob.write(0, b"b" * 1024)
        blob.cut(random.Random(seed))
        ends.add(bytes(blob.live[::512]))
    assert ends == {b"aa", b"bb", b"ab", b"ba"}


def test_a_name_is_kept_once_its_folder_is_synced() -> None:
    it = disk.Disk()
    first = it.create("/a", 0o600)
    it.write("/a", b"one", 0, first)
    it.fsync("/a", 0, first)
    it.fsyncdir("/", 0, 0)
    second = it.create("/b", 0o600)
    it.write("/b", b"two", 0, second)
    it.fsync("/b", 0, second)
    it.rename("/a", "/c")
    it.cut(1)
    assert it.readdir("/", 0) == [".", "..", "a"]
    assert it.read("/a", 10, 0, it.open("/a", 0)) == b"one"
