"""Rooms shared out among processes over one database.

Every process counts its `beat` up, and watches those of the others: one that stands still for LOST seconds of the watcher's own
clock is buried, and its rooms go to whoever has them open. It may only have slept: then it finds itself buried at its next beat,
and until then the fencing number keeps it from writing.
"""

import asyncio
import logging
import secrets
from dataclasses import dataclass

from app import metrics
from app.bus import Heard, Note
from app.clock import Clock
from app.errors import Unavailable
from app.owners import Lead, Open, one_by_one
from app.store import Store
from app.store.owners import RoomState
from app.tasks import Tasks

log = logging.getLogger(__name__)

BEAT = 0.5
"""Seconds between two beats. Also how late a message of another process is when no note told of it."""
LOST = 2.5
"""Seconds without a beat after which a process counts as dead: five beats, so that a slow disk is not taken for a death."""


@dataclass
class _Joined:
    lead: Lead
    heard: Heard
    fence: int | None = None
    state: RoomState | None = None


class SharedOwners:
    def __init__(self, store: Store, clock: Clock) -> None:
        self.me = secrets.token_hex(8)
        self._store = store
        self._clock = clock
        self._tasks = Tasks()
        self._rooms: dict[str, _Joined] = {}
        self._seen: dict[str, tuple[int, float]] = {}
        self._beaten = clock.tick()
        self._opening: asyncio.Task[None] | None = None

    async def start(self, open_room: Open) -> None:
        await self._store.owners.register(self.me)
        self._tasks.start(self._run(open_room), "owners", vital=True)

    async def join(self, room: str, lead: Lead, heard: Heard) -> None:
        joined = self._rooms[room] = _Joined(lead, heard)
        await self._claim(room, joined)

    async def leave(self, room: str) -> None:
        joined = self._rooms.pop(room, None)
        if joined is not None and joined.fence is not None:
            try:
                await self._store.owners.release(room, self.me)
            except Unavailable as error:
                log.info("room %s is free when this process is gone: %s", room, error)

    async def close(self) -> None:
        await self._tasks.close()
        try:
            await self._store.owners.resign(self.me)
        except Unavailable as error:
            log.info("the others will find out that this process is gone: %s", error)

    # -- the watch -----------------------------------------------------------------------------------------------------

    async def _run(self, open_room: Open) -> None:
        while True:
            try:
                await self.tick(open_room)
            except Unavailable as error:
                log.warning("no beat: %s", error)
                if self._clock.tick() - self._beaten > LOST:
                    self._give_up("this process could not beat")
            over = asyncio.Event()
            timer = self._clock.call_later(BEAT, over.set)
            try:
                await over.wait()
            finally:
                timer.cancel()

    async def tick(self, open_room: Open) -> None:
        """One beat, and one look around. Raises Unavailable."""
        if not await self._store.owners.beat(self.me):
            self._give_up("this process was taken for dead")
            self.me = secrets.token_hex(8)
            await self._store.owners.register(self.me)
        self._beaten = self._clock.tick()
        await self._bury(await self._store.owners.beats())
        asked = dict(self._rooms)  # a room that is joined while the answer is under way is not in it, and not gone
        await self._look(asked, await self._store.owners.states(list(asked)))
        if self._opening is None or self._opening.done():
            waiting = [room for room in await self._store.outbox.waiting() if room not in self._rooms]
            if waiting:
                self._opening = self._tasks.start(one_by_one(waiting, open_room), "open rooms")

    async def _bury(self, beats: dict[str, int]) -> None:
        now = self._clock.tick()
        seen = self._seen
        self._seen = {p: seen[p] if p in seen and seen[p][0] == b else (b, now) for p, b in beats.items()}
        for process, (beat, since) in self._seen.items():
            if process != self.me and now - since > LOST:
                log.warning("process %s is lost; its rooms are taken over", process)
                metrics.BURIED.inc()
                await self._store.owners.bury(process, beat)

    async def _look(self, asked: dict[str, _Joined], states: dict[str, RoomState]) -> None:
        claims = []
        for room, joined in asked.items():
            if self._rooms.get(room) is not joined:
                continue
            state, before = states.get(room), joined.state
            joined.state = state
            if state is None:
                joined.heard(Note(gone=True))
                continue
            joined.heard(Note(seq=state.head))
            if before is not None and before.name != state.name:
                joined.heard(Note(name=state.name))
            if before is not None and (before.agents, before.quiet) != (state.agents, state.quiet):
                joined.heard(Note(changed=True))
            if joined.fence is not None and (state.owner, state.fence) != (self.me, joined.fence):
                metrics.LOST_LEASES.inc()
                self._lead(joined, None)
            if joined.fence is None and (state.owner in (None, self.me) or state.owner not in self._seen):
                claims.append(self._claim(room, joined))
        await asyncio.gather(*claims)

    async def _claim(self, room: str, joined: _Joined) -> None:
        fence = await self._store.owners.claim(room, self.me)
        if fence is None:
            return
        if self._rooms.get(room) is joined:
            self._lead(joined, fence)
        else:
            await self._store.owners.release(room, self.me)

    def _give_up(self, why: str) -> None:
        for room, joined in self._rooms.items():
            if joined.fence is not None:
                log.warning("no longer thinking in room %s: %s", room, why)
                metrics.LOST_LEASES.inc()
                self._lead(joined, None)

    def _lead(self, joined: _Joined, fence: int | None) -> None:
        joined.fence = fence
        joined.lead(fence)
