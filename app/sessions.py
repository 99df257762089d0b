"""The open websockets of this process, by the token that opened them: one that is revoked or over closes its sockets."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.clock import Clock, pause
from app.errors import TooMany, Unavailable
from app.store import Store
from app.store.credentials import Bearer

log = logging.getLogger(__name__)

LOOK = 0.5
"""Seconds between two looks at what was revoked elsewhere: with the look itself, a socket is closed well within two."""
BLIND = 10.0
"""Seconds without a look that came through after which nobody stays: some of them may be revoked. They come back when it does."""
SWEEP = 3600.0
"""Seconds between two times that old tokens are deleted."""
DRAIN = 2.0
"""Seconds that open sockets get when the service stops."""
SOON = timedelta(days=2)
PER_PERSON = 64
"""Websockets that one person may have open on one process."""
REVOKED = "this token is no longer valid"


class Session(Protocol):
    """One open websocket. `refuse`: its token is not valid any more. Both return at once. `owed`: frames that wait for it."""

    bearer: Bearer

    @property
    def owed(self) -> int: ...

    def refuse(self, reason: str) -> None: ...
    def leave(self, now: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class _Open:
    ends: datetime
    sessions: set[Session]


class Sessions:
    """`run` looks at the database again and again, so that no lost note between processes keeps a socket open."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._open: dict[str, _Open] = {}
        self._people: dict[str, int] = {}
        self._swept = clock.tick()
        self.draining = False
        self._gone: asyncio.Event | None = None

    def __len__(self) -> int:
        return sum(self._people.values())

    def everybody(self) -> tuple[Session, ...]:
        return tuple(session for one in self._open.values() for session in one.sessions)

    def add(self, session: Session) -> None:
        """`remove` follows in any case. Raises TooMany."""
        bearer = session.bearer
        self._people[bearer.id] = self._people.get(bearer.id, 0) + 1
        there = self._open.get(bearer.token)
        sessions = set() if there is None else there.sessions
        self._open[bearer.token] = _Open(bearer.expires_at, sessions)
        sessions.add(session)
        if self._people[bearer.id] > PER_PERSON:
            raise TooMany(f"at most {PER_PERSON} connections a person")

    def remove(self, session: Session) -> None:
        bearer = session.bearer
        self._people[bearer.id] -= 1
        if not self._people[bearer.id]:
            del self._people[bearer.id]
        there = self._open[bearer.token]
        there.sessions.discard(session)
        if not there.sessions:
            del self._open[bearer.token]
        if not self._people and self._gone is not None:
            self._gone.set()

    def revoked(self, tokens: Iterable[str]) -> None:
        for token in tokens:
            if (there := self._open.get(token)) is not None:
                for session in tuple(there.sessions):
                    session.refuse(REVOKED)

    async def drain(self) -> None:
        """The service stops: every socket finishes what it is doing, is told all that it is owed and closed. Whoever takes longer
        than DRAIN is not waited for."""
        self.draining = True
        for now in (False, True):
            for session in self.everybody():
                session.leave(now)
            if not self._people:
                return
            self._gone = asyncio.Event()
            timer = self._clock.call_later(DRAIN, self._gone.set)
            await self._gone.wait()
            timer.cancel()

    async def run(self) -> None:
        looked = self._clock.tick()
        while True:
            await pause(self._clock, LOOK)
            try:
                async with asyncio.timeout(BLIND):
                    await self.look()
                looked = self._clock.tick()
            except (Unavailable, TimeoutError) as error:
                log.warning("what was revoked elsewhere is seen later: %r", error)
                if self._clock.tick() - looked >= BLIND:
                    for session in self.everybody():
                        session.leave(True)

    async def look(self) -> None:
        """Raises Unavailable."""
        now = self._clock.now()
        if self._open:
            self.revoked(await self._store.credentials.lost(now))
        for token, one in tuple(self._open.items()):
            if one.ends <= now and one.sessions:
                await self._again(token, next(iter(one.sessions)), now)
        if self._clock.tick() - self._swept > SWEEP:
            self._swept = self._clock.tick()
            await self._store.credentials.sweep(now)
            for token, one in tuple(self._open.items()):
                if now < one.ends < now + SOON and one.sessions:  # an open socket is a use, and uses renew
                    await self._again(token, next(iter(one.sessions)), now)

    async def _again(self, token: str, session: Session, now: datetime) -> None:
        """The token would be over by what we know; it may have been renewed since."""
        renewed = await self._store.credentials.still(session.bearer, now)
        there = self._open.get(token)
        if there is None:
            return
        if renewed is None:
            self.revoked([token])
        else:
            self._open[token] = _Open(renewed.expires_at, there.sessions)
