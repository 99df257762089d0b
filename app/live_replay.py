"""Replays that people watch: a chat runs through a room of this service at a pace that its owner sets, or step by step."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.agent import Mind
from app.errors import BadInput, Conflict, NotFound, WireError
from app.protocol import NewAgent
from app.replay import AFTERWARDS, READY_WITHIN, ChatClock, Measured, Scene, key_of
from app.resident import Listener
from app.room import Room
from app.rooms import Rooms
from app.store import Store
from app.store.credentials import User
from app.tasks import Tasks
from conversation.member import Member
from conversation.message import Message
from inference.engine import Engine, until_ready
from inference.protocol import ModelError

log = logging.getLogger(__name__)

LONGEST_WAIT = 4.0
"""Real seconds: whatever the pace, nobody waits longer for a message that comes after a night."""
AT_ONCE = 4
"""Replays under way in one service: each has the model to itself while it thinks."""

State = Literal["waiting", "running", "paused", "ended", "failed"]


@dataclass
class LiveReplay:
    """`speed`: seconds of the chat in one second. `wake` is set when `state`, `speed` or `steps` changed."""

    room: str
    chat: Sequence[Message]
    speed: float
    done: int
    state: State = "waiting"
    error: str | None = None
    steps: int = 0
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def over(self) -> bool:
        return self.state in ("ended", "failed")

    def change(self, speed: float | None, state: Literal["running", "paused"] | None, step: bool) -> None:
        """`step`: one more message, and then it pauses. Raises Conflict when it is over."""
        if self.over:
            raise Conflict(f"this replay has {self.state}", "room", self.room)
        self.speed = speed or self.speed
        if step:
            self.state, self.steps = "paused", self.steps + 1
        elif state is not None:
            self.state, self.steps = state, 0
        self.wake.set()

    async def turn(self, gap: float) -> None:
        """Returns when the next message, `gap` seconds of the chat after this moment, is due."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            self.wake.clear()
            if self.steps:
                self.steps -= 1
                return
            left = None
            if self.state != "paused":
                left = min(gap / self.speed, LONGEST_WAIT) - (loop.time() - began)
                if left <= 0:
                    return
            try:
                await asyncio.wait_for(self.wake.wait(), left)
            except TimeoutError:
                return


class LiveReplays:
    """Those of this process. `close` stops them all: what was replayed stays, and the same chat again goes on from there."""

    def __init__(self, store: Store, rooms: Rooms, engine: Engine, alone: bool) -> None:
        self._store = store
        self._rooms = rooms
        self._engine = engine
        self._alone = alone
        self._tasks = Tasks()
        self._all: dict[str, LiveReplay] = {}

    def get(self, room: str) -> LiveReplay:
        """Raises NotFound."""
        if (found := self._all.get(room)) is None:
            raise NotFound("nothing is replayed in this room", "room", room)
        return found

    async def start(self, name: str, chat: Sequence[Message], agent: NewAgent, speed: float, owner: User) -> LiveReplay:
        """Into a room of `owner`'s, the same one for the same chat. Raises BadInput, Conflict."""
        if not self._alone:
            raise Conflict("where several processes serve, chats are replayed with `python -m app replay`")
        if not chat:
            raise BadInput("the chat holds no message", "chat")
        if sum(not one.over for one in self._all.values()) >= AT_ONCE:
            raise Conflict(f"{AT_ONCE} replays are under way already")
        first = chat[0]
        room = await self._store.replays.open(key_of(name, first, owner.id), name, agent, first.at)
        if room in self._all and not self._all[room].over:
            return self._all[room]
        await self._store.members.put(room, Member(owner.id, owner.name, "owner"), first.at)
        done = min(await self._store.replays.posted(room), len(chat))
        replay = self._all[room] = LiveReplay(room, chat, speed, done)
        self._tasks.start(self._run(replay), f"replay {room}")
        return replay

    async def close(self) -> None:
        await self._tasks.close()

    async def _run(self, replay: LiveReplay) -> None:
        minds = Tasks()
        try:
            await until_ready(self._engine, READY_WITHIN)
            if replay.state == "waiting":
                replay.state = "running"
            await self._play(replay, minds)
            replay.state = "ended"
        except (ModelError, WireError) as error:
            log.warning("the replay in room %s failed: %s", replay.room, error)
            replay.state, replay.error = "failed", str(error)
        finally:
            await minds.close()
            await self._rooms.strike(replay.room)

    async def _play(self, replay: LiveReplay, tasks: Tasks) -> None:
        chat = replay.chat
        clock = ChatClock(chat[max(0, replay.done - 1)].at)
        minds: list[Mind] = []

        def listen(room: Room) -> Listener:
            minds.append(Mind(room, self._engine, self._store, Measured(clock), tasks))
            return minds[-1]

        room = await self._rooms.stage(replay.room, clock, listen)
        await minds[0].rest()
        scene = Scene(self._store, room, clock, minds[0])
        for message in chat[replay.done :]:
            await replay.turn((message.at - clock.now()).total_seconds())
            await scene.until(message.at, 0)
            await scene.say(message)
            replay.done += 1
        await scene.until(clock.now() + AFTERWARDS, 0)
