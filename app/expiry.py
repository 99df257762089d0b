"""Rooms that keep messages for so many days: older ones are deleted as an owner would delete them, with what came of them. And
rooms that never came in whole."""

import logging

from app.clock import Clock, Timer
from app.errors import NotFound, WireError
from app.rooms import Rooms
from app.store import Store
from app.tasks import Tasks

log = logging.getLogger(__name__)

EVERY = 3600.0
"""Seconds between two looks."""
BY = "retention"
"""Who deleted them, as the log has it."""


class Expiry:
    """Any number of processes may look: what one has deleted the others do not find."""

    def __init__(self, store: Store, rooms: Rooms, clock: Clock, tasks: Tasks) -> None:
        self._store = store
        self._rooms = rooms
        self._clock = clock
        self._tasks = tasks
        self._timer: Timer | None = None

    def start(self) -> None:
        """Now and every hour."""
        self._tasks.start(self._look(), "expiry")
        self._timer = self._clock.call_later(EVERY, self.start)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    async def _look(self) -> None:
        gone = 0
        try:
            # Not among what sessions wait for: a large one takes its time.
            await self._store.transfers.sweep(self._clock.now())
            while due := await self._store.rooms.due(self._clock.now()):
                for room, messages in due.items():
                    gone += await self._delete(room, messages)
        except WireError as error:
            log.warning("messages that are too old stay for another hour: %s", error)
        if gone:
            await self._store.erasing.settle()
            log.info("%d messages were older than their rooms keep them", gone)

    async def _delete(self, room: str, messages: tuple[str, ...]) -> int:
        try:
            live = await self._rooms.get(room)
            return sum([await live.take_back(BY, message, owner=True) for message in messages])
        except NotFound as error:  # the room was deleted meanwhile
            log.info("%s", error)
            return 0
