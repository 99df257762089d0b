"""The bus between processes, over Redis. Without Redis each process goes on alone and reads the log every two seconds."""

import asyncio
import logging
import secrets
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.bus import Heard, Lead, Note
from app.clock import Clock
from app.tasks import Tasks

log = logging.getLogger(__name__)

LEASE = 9.0
"""Seconds that a process may think in a room without renewing. Renewed at a third of it."""
RETRY = 2.0
"""Seconds between two attempts to reach Redis, and between two looks at the logs meanwhile."""
BACKLOG = 1000
"""Notes that wait to be sent; more are dropped, and their readers find the log longer at the next one."""
_HELLO = "aside:hello"

_RENEW = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end
if redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0
"""
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

_DOWN = (RedisError, OSError, TimeoutError)


class _Letter(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: str
    room: str
    note: Note


@dataclass
class _Joined:
    heard: Heard
    lead: Lead
    leading: bool = False


class RedisBus:
    """Notes go over one channel a room. Who thinks in a room holds the key `aside:lease:ROOM`; while Redis cannot be reached
    a process thinks in the rooms it has open, and the database lets only the first decision about a trigger in."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._me = secrets.token_hex(8)
        self._redis: Redis = Redis.from_url(
            url, socket_connect_timeout=RETRY, socket_timeout=RETRY, retry=Retry(NoBackoff(), 0)
        )
        self._clock = clock
        self._tasks = Tasks()
        self._working: list[asyncio.Task[None]] = []
        self._rooms: dict[str, _Joined] = {}
        self._outgoing: asyncio.Queue[_Letter] = asyncio.Queue(BACKLOG)
        self._pubsub: PubSub | None = None

    async def start(self) -> None:
        """Returns at once, with Redis or without."""
        for work, name in ((self._speak(), "send"), (self._listen(), "listen"), (self._hold(), "leases")):
            self._working.append(self._tasks.start(work, f"bus: {name}"))

    async def join(self, room: str, heard: Heard, lead: Lead) -> None:
        joined = self._rooms[room] = _Joined(heard, lead)
        if self._pubsub is not None:
            try:
                await self._pubsub.subscribe(_channel(room))
            except _DOWN as error:
                log.info("room %s is heard when Redis is back: %s", room, error)
        await self._renew(room, joined)

    async def leave(self, room: str) -> None:
        if self._rooms.pop(room, None) is None:
            return
        try:
            if self._pubsub is not None:
                await self._pubsub.unsubscribe(_channel(room))
            await self._redis.eval(_RELEASE, 1, _lease(room), self._me)
        except _DOWN as error:
            log.info("the lease of room %s runs out by itself: %s", room, error)

    def publish(self, room: str, note: Note) -> None:
        if not self._outgoing.full():
            self._outgoing.put_nowait(_Letter(sender=self._me, room=room, note=note))

    async def close(self) -> None:
        # The client takes a cancellation that meets it amid a command for a failure of that command: say it until it is heard.
        while waiting := [task for task in self._working if not task.done()]:
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting, timeout=0.05)
        if self._pubsub is not None:
            await self._pubsub.aclose()  # type: ignore[no-untyped-call]
        await self._redis.aclose()

    # -- tasks ---------------------------------------------------------------------------------------------------------

    async def _speak(self) -> None:
        while True:
            letter = await self._outgoing.get()
            try:
                await self._redis.publish(_channel(letter.room), letter.model_dump_json())
            except _DOWN as error:
                log.debug("a note was lost: %s", error)

    async def _listen(self) -> None:
        """Between two connections, and when a new one stands, everybody looks at their log: notes were lost."""
        while True:
            try:
                await self._follow()
            except _DOWN as error:
                log.warning("Redis is away, rooms of other processes come late: %s", error)
            if self._pubsub is not None:
                pubsub, self._pubsub = self._pubsub, None
                await pubsub.aclose()  # type: ignore[no-untyped-call]
            await self._pause(RETRY)
            self._look()

    async def _follow(self) -> None:
        pubsub = self._redis.pubsub(ignore_subscribe_messages=True)
        await pubsub.subscribe(_HELLO)
        self._pubsub = pubsub  # from here `join` subscribes by itself; who joined before is in the list below
        if self._rooms:
            await pubsub.subscribe(*map(_channel, self._rooms))
        self._look()
        while True:
            message = await pubsub.get_message(timeout=LEASE)
            if message is None:
                await pubsub.ping()
                continue
            if message["type"] == "pong":
                continue
            try:
                letter = _Letter.model_validate_json(message["data"])
            except ValidationError as error:
                log.warning("not a letter of ours: %s", error)
                continue
            if letter.sender != self._me and (joined := self._rooms.get(letter.room)) is not None:
                joined.heard(letter.note)

    async def _hold(self) -> None:
        while True:
            await self._pause(LEASE / 3)
            for room, joined in tuple(self._rooms.items()):
                await self._renew(room, joined)

    async def _renew(self, room: str, joined: _Joined) -> None:
        try:
            mine = bool(await self._redis.eval(_RENEW, 1, _lease(room), self._me, str(int(LEASE * 1000))))
        except _DOWN as error:
            log.info("thinking in room %s without a lease: %s", room, error)
            mine = True
        if room in self._rooms and mine != joined.leading:
            joined.leading = mine
            joined.lead(mine)

    def _look(self) -> None:
        for joined in tuple(self._rooms.values()):
            joined.heard(Note())

    async def _pause(self, seconds: float) -> None:
        over = asyncio.Event()
        timer = self._clock.call_later(seconds, over.set)
        try:
            await over.wait()
        finally:
            timer.cancel()


def _channel(room: str) -> str:
    return f"aside:room:{room}"


def _lease(room: str) -> str:
    return f"aside:lease:{room}"
