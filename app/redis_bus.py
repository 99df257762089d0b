"""The bus between processes, over Redis. Without Redis each process goes on alone and reads the log every two seconds."""

import asyncio
import logging
import secrets

from pydantic import BaseModel, ConfigDict, ValidationError
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.bus import Heard, Here, Note
from app.clock import Clock, pause
from app.tasks import Tasks

log = logging.getLogger(__name__)

QUIET = 9.0
"""Seconds without a note after which Redis is asked whether it is still there."""
RETRY = 2.0
"""Seconds between two attempts to reach Redis, and between two looks at the logs meanwhile."""
BEAT = 5.0
"""Seconds between two signs of life."""
GONE = 15.0
"""Seconds without one after which a process is taken for gone, and those who were connected to it too."""
BACKLOG = 1000
"""Notes that wait to be sent; more are dropped, and their readers find the log longer at the next one."""
_HELLO = "aside:hello"

_DOWN = (RedisError, OSError, TimeoutError)


class _Letter(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: str
    room: str
    note: Note


class RedisBus:
    """Notes go over one channel a room, signs of life over one of all processes."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.me = secrets.token_hex(8)
        self._redis: Redis = Redis.from_url(
            url, socket_connect_timeout=RETRY, socket_timeout=RETRY, retry=Retry(NoBackoff(), 0)
        )
        self._clock = clock
        self._tasks = Tasks()
        self._working: list[asyncio.Task[None]] = []
        self._rooms: dict[str, Heard] = {}
        self._outgoing: asyncio.Queue[_Letter] = asyncio.Queue(BACKLOG)
        self._pubsub: PubSub | None = None
        self._alive: dict[str, float] = {}
        self._gone: set[str] = set()
        self._unsaid: set[str] = set()

    async def start(self) -> None:
        """Returns at once, with Redis or without."""
        for work, name in ((self._speak(), "send"), (self._listen(), "listen"), (self._beat(), "beat")):
            self._working.append(self._tasks.start(work, f"bus: {name}"))

    async def join(self, room: str, heard: Heard) -> None:
        self._rooms[room] = heard
        if self._pubsub is not None:
            try:
                await self._pubsub.subscribe(_channel(room))
            except _DOWN as error:
                log.info("room %s is heard when Redis is back: %s", room, error)

    async def leave(self, room: str) -> None:
        if self._rooms.pop(room, None) is None:
            return
        try:
            if self._pubsub is not None:
                await self._pubsub.unsubscribe(_channel(room))
        except _DOWN as error:
            log.info("room %s is not followed any more, Redis being away: %s", room, error)

    def publish(self, room: str, note: Note) -> None:
        letter = _Letter(sender=self.me, room=room, note=note)
        if self._outgoing.full():
            self._lost(letter)
        else:
            self._outgoing.put_nowait(letter)

    def unsent(self) -> int:
        return self._outgoing.qsize()

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
                await self._redis.publish(_channel(letter.room) if letter.room else _HELLO, letter.model_dump_json())
            except _DOWN as error:
                log.debug("a note was lost: %s", error)
                self._lost(letter)
            else:
                self._make_up()

    async def _listen(self) -> None:
        """Between two connections, and when a new one stands, everybody looks at their log: notes were lost."""
        while True:
            try:
                await self._follow()
            except _DOWN as error:
                log.warning("Redis is away, rooms of other processes come late: %s", error)
            if self._pubsub is not None:
                pubsub, self._pubsub = self._pubsub, None
                try:
                    await pubsub.aclose()  # type: ignore[no-untyped-call]
                except _DOWN as error:
                    log.info("a connection to Redis could not be closed in order: %s", error)
            await pause(self._clock, RETRY)
            self._look()

    async def _follow(self) -> None:
        pubsub = self._redis.pubsub(ignore_subscribe_messages=True)
        await pubsub.subscribe(_HELLO)
        self._pubsub = pubsub  # from here `join` subscribes by itself; who joined before is in the list below
        if self._rooms:
            await pubsub.subscribe(*map(_channel, self._rooms))
        self._look()
        self._gone.clear()  # whoever comes back is asked here, with everybody
        self._say(self._asking)
        while True:
            message = await pubsub.get_message(timeout=QUIET)
            if message is None:
                await pubsub.ping()
                continue
            if message["type"] == "pong":
                continue
            try:
                self._read(_Letter.model_validate_json(message["data"]))
            except ValidationError as error:
                log.warning("not a letter of ours: %s", error)

    def _read(self, letter: _Letter) -> None:
        """Raises ValidationError for a frame that no process of this version sends."""
        if letter.sender != self.me:
            self._alive[letter.sender] = self._clock.tick()
            if letter.sender in self._gone:  # it only slept, and does not know that its people were taken for gone
                self._gone.discard(letter.sender)
                self._say(self._asking)
            if (heard := self._rooms.get(letter.room)) is not None:
                heard(letter.note)

    async def _beat(self) -> None:
        while True:
            self.publish("", Note())
            await pause(self._clock, BEAT)
            for process in [p for p, at in self._alive.items() if self._clock.tick() - at > GONE]:
                del self._alive[process]
                self._gone.add(process)
                self._say(Note(here=Here(by=process, all=True)))

    @property
    def _asking(self) -> Note:
        """Makes a room say who is connected here, and ask the others."""
        return Note(here=Here(by=self.me, asks=True))

    def _lost(self, letter: _Letter) -> None:
        """What others do not hear of the log they find there; who is connected here they would never know."""
        if letter.note.here is not None:
            self._unsaid.add(letter.room)

    def _make_up(self) -> None:
        """A note got through: so may one of those that did not."""
        if self._unsaid and not self._outgoing.full():
            room = self._unsaid.pop()
            if (heard := self._rooms.get(room)) is not None:
                heard(self._asking)
            else:
                self.publish(room, Note(here=Here(by=self.me, all=True)))

    def _look(self) -> None:
        self._say(Note())

    def _say(self, note: Note) -> None:
        """To every room of this process."""
        for heard in tuple(self._rooms.values()):
            heard(note)


def _channel(room: str) -> str:
    return f"aside:room:{room}"
