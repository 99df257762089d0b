"""What one connection has still to be sent: bounded, and honest about what it dropped."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from app.frames import Resync

LIMIT = 512
"""Frames that wait for one reader at most."""


class ReaderGone(Exception):
    """Nobody will read what is put in here any more."""


@dataclass(frozen=True, slots=True)
class _Parcel:
    body: str
    passing: bool


def nothing() -> None:
    """Nobody is woken."""


def never(body: str) -> bool:
    """Of a server that offers no way to write at once."""
    return False


class Outbox:
    """`answer` is never dropped: the connection reads its client no faster than its answers leave. `event` is dropped when
    the box is full, and made up for by a `resync`; `passing` is dropped first and forgotten.

    A reader that keeps up has an empty box: `write` sends its frames at once. Once `write` says no, frames wait, and `wake` is
    called for somebody to send them: `next` until it is None.
    """

    __slots__ = ("_closed", "_flushing", "_lost", "_parcels", "_passing", "_sent", "_space", "_wake", "_write")

    def __init__(self, wake: Callable[[], None], write: Callable[[str], bool] = never) -> None:
        self._wake = wake
        self._write = write
        self._parcels: deque[_Parcel] | None = None
        self._passing = 0
        self._flushing = False
        self._sent: dict[str, int] = {}
        self._lost: dict[str, int] = {}
        self._space: asyncio.Event | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._parcels) if self._parcels else 0

    def answer(self, body: str) -> None:
        self._put(body, False)

    def passing(self, body: str) -> None:
        if len(self) < LIMIT:
            self._put(body, True)

    def event(self, room: str, seq: int, body: str) -> None:
        """Events of a room come in order; one that was put before is not put again."""
        if seq <= self._sent.get(room, 0) or room in self._lost:
            return
        if len(self) >= LIMIT and not self._drop_passing():
            self._lost[room] = self._sent.get(room, 0)
            return
        self._sent[room] = seq
        self._put(body, False)

    def start(self, room: str, after: int) -> None:
        """The reader has everything of `room` up to `after`: what follows is sent, again if need be."""
        self._sent[room] = after
        self._lost.pop(room, None)

    def lost(self, room: str) -> bool:
        return room in self._lost

    async def space(self) -> None:
        """Returns when there is room for one more. Raises ReaderGone."""
        while len(self) >= LIMIT and not self._closed:
            self._space = asyncio.Event()
            await self._space.wait()
        if self._closed:
            raise ReaderGone

    def next(self) -> str | None:
        """The oldest frame that waits; with None whoever was woken has done their work."""
        if not self._parcels:
            self._parcels = None
            self._flushing = False
            return None
        parcel = self._parcels.popleft()
        self._passing -= parcel.passing
        if len(self._parcels) < LIMIT:
            self._make_space()
        if self._lost and len(self._parcels) <= LIMIT // 2:
            self._own_up()
        return parcel.body

    def close(self) -> None:
        """Nothing is sent any more, and who was to send it let go of."""
        self._closed = True
        self._wake, self._write = nothing, never
        self._make_space()

    def _put(self, body: str, passing: bool) -> None:
        if not self._flushing and self._write(body):
            return
        self._parcels = self._parcels or deque()
        self._parcels.append(_Parcel(body, passing))
        self._passing += passing
        if not self._flushing and not self._closed:
            self._flushing = True
            self._wake()

    def _make_space(self) -> None:
        if self._space is not None:
            self._space.set()
            self._space = None

    def _drop_passing(self) -> bool:
        if not self._passing or self._parcels is None:
            return False
        self._parcels.remove(next(parcel for parcel in self._parcels if parcel.passing))
        self._passing -= 1
        return True

    def _own_up(self) -> None:
        assert self._parcels is not None
        for room, after in self._lost.items():
            self._parcels.append(_Parcel(Resync(room=room, after=after).model_dump_json(), False))
        self._lost.clear()
