"""What one connection has still to be sent: bounded, and honest about what it dropped."""

import asyncio
from collections import deque
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


class Outbox:
    """`answer` is never dropped: the connection reads its client no faster than its answers leave. `event` is dropped when
    the box is full, and made up for by a `resync`; `passing` is dropped first and forgotten."""

    def __init__(self) -> None:
        self._parcels: deque[_Parcel] = deque()
        self._passing = 0
        self._sent: dict[str, int] = {}
        self._lost: dict[str, int] = {}
        self._more = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._parcels)

    def answer(self, body: str) -> None:
        self._put(_Parcel(body, False))

    def passing(self, body: str) -> None:
        if len(self._parcels) < LIMIT:
            self._put(_Parcel(body, True))

    def event(self, room: str, seq: int, body: str) -> None:
        """Events of a room come in order; one that was put before is not put again."""
        if seq <= self._sent.get(room, 0) or room in self._lost:
            return
        if len(self._parcels) >= LIMIT and not self._drop_passing():
            self._lost[room] = self._sent.get(room, 0)
            return
        self._sent[room] = seq
        self._put(_Parcel(body, False))

    def start(self, room: str, after: int) -> None:
        """The reader has everything of `room` up to `after`: what follows is sent, again if need be."""
        self._sent[room] = after
        self._lost.pop(room, None)

    def lost(self, room: str) -> bool:
        return room in self._lost

    async def space(self) -> None:
        """Returns when there is room for one more. Raises ReaderGone."""
        await self._room.wait()
        if self._closed:
            raise ReaderGone

    async def next(self) -> str:
        """The oldest frame. One reader at a time."""
        while not self._parcels:
            self._more.clear()
            await self._more.wait()
        parcel = self._parcels.popleft()
        self._passing -= parcel.passing
        if len(self._parcels) < LIMIT:
            self._room.set()
        if self._lost and len(self._parcels) <= LIMIT // 2:
            self._own_up()
        return parcel.body

    def close(self) -> None:
        self._closed = True
        self._room.set()

    def _put(self, parcel: _Parcel) -> None:
        self._parcels.append(parcel)
        self._passing += parcel.passing
        if len(self._parcels) >= LIMIT and not self._closed:
            self._room.clear()
        self._more.set()

    def _drop_passing(self) -> bool:
        if not self._passing:
            return False
        self._parcels.remove(next(parcel for parcel in self._parcels if parcel.passing))
        self._passing -= 1
        return True

    def _own_up(self) -> None:
        for room, after in self._lost.items():
            self._put(_Parcel(Resync(room=room, after=after).model_dump_json(), False))
        self._lost.clear()
