"""One authenticated websocket: what its frames do, and what it is sent."""

from collections.abc import Callable
from typing import assert_never

from app import metrics
from app.errors import BadInput, NotFound, TooMany, Unauthorized, Unavailable, WireError
from app.frames import (
    Ack,
    Delete,
    Edit,
    ErrorEvent,
    Hello,
    Live,
    Ping,
    Pong,
    React,
    Resume,
    Resync,
    Send,
    Typing,
    Watch,
    Welcome,
    WelcomeRoom,
    WelcomeUser,
)
from app.log import ROOM
from app.outbox import Outbox
from app.parts import Parts
from app.posting import post
from app.protocol import Wire
from app.rates import FRAMES, full, take
from app.room import Room
from app.store.credentials import Bearer
from conversation.message import Message

CLOSE_UNAUTHORIZED = 4401
CLOSE_RESTARTING = 1012
CLOSE_TRY_AGAIN = 1013

Frame = Hello | Send | Typing | React | Edit | Delete | Watch | Ping


class Connection:
    """A room's Subscriber, and a Session. `handle` raises WireError for a frame that cannot be obeyed; the connection lives on,
    except after Unauthorized. `close` when the socket is gone.

    `ended`: why it is to be closed, as code and reason. Whoever reads its socket sets `stop`, which interrupts that, `go_on`,
    which takes that back, and `waiting` while there is nothing to be finished."""

    def __init__(self, parts: Parts, bearer: Bearer, outbox: Outbox) -> None:
        self.bearer = bearer
        self.user = bearer.id
        self.ended: tuple[int, str] | None = None
        self.waiting = False
        self.stop: Callable[[], None] = lambda: None
        self.go_on: Callable[[], None] = lambda: None
        self._parts = parts
        self._outbox = outbox
        self._rooms: dict[str, Room] = {}
        self._replaying: set[str] = set()
        self._bucket = full(FRAMES, parts.clock.tick())
        self._greeted = False

    def deliver(self, room: str, body: str, seq: int | None) -> None:
        if seq is None:
            self._outbox.passing(body)
        elif room not in self._replaying:
            self._outbox.event(room, seq, body)

    def answer(self, frame: Wire) -> None:
        self._outbox.answer(frame.model_dump_json())

    def count(self) -> None:
        """Every frame counts, understood or not. Raises TooMany."""
        left = take(self._bucket, FRAMES, self._parts.clock.tick())
        if left is None:
            raise TooMany(f"at most {FRAMES.rate:g} frames a second, {FRAMES.burst} at once")
        self._bucket = left

    async def handle(self, frame: Frame) -> None:
        match frame:
            case Hello():
                await self._hello(frame)
            case Send():
                await self._send(frame)
            case Typing():
                (await self._room(frame.room)).typing(self.user, frame.on)
            case React():
                await (await self._room(frame.room)).react(self.user, frame.id, frame.emoji, frame.on)
            case Edit():
                await (await self._room(frame.room)).edit(self.user, frame.id, frame.text)
            case Delete():
                await (await self._room(frame.room)).delete(self.user, frame.id)
            case Watch():
                (await self._room(frame.room)).watch(self, frame.on)
            case Ping():
                self.answer(Pong())
            case _:
                assert_never(frame)

    def close(self) -> None:
        for room in self._rooms.values():
            room.unsubscribe(self)
        self._rooms.clear()

    @property
    def owed(self) -> int:
        return len(self._outbox)

    def refuse(self, reason: str) -> None:
        if self.ended is None:
            self.answer(error_event(Unauthorized(reason)))
            self.ended = CLOSE_UNAUTHORIZED, reason
        self.stop()

    def leave(self, now: bool) -> None:
        if self.ended is None:
            self.ended = CLOSE_RESTARTING, "the service is restarting: come back with your last seq"
        if now or self.waiting:
            self.stop()

    def came(self) -> None:
        """A frame is there. Who was told to leave in the moment in which it came finishes it first: it may be in the log before
        anything can stop it, and is owed its ack."""
        self.waiting = False
        if self.ended is not None and self.ended[0] == CLOSE_RESTARTING:
            self.go_on()

    async def _room(self, room_id: str) -> Room:
        ROOM.set(room_id)
        if (room := self._rooms.get(room_id)) is not None and not room.closed:
            await self._parts.rooms.confirm(room, self.user)
        if room is None or room.role(self.user) is None:
            raise NotFound("no such room, you are not in it, or no hello named it", "room", room_id)
        if room.closed:  # it sent everybody back to the log; who did not take that is told again
            self.answer(Resync(room=room_id, after=room.head))
            raise Unavailable("this room was closed; say hello to it again", "room", room_id)
        return room

    async def _send(self, frame: Send) -> None:
        def committed(message: Message) -> None:
            self.answer(Ack(client_id=frame.client_id, room=frame.room, seq=message.seq, id=message.id))

        room = await self._room(frame.room)
        await post(self._parts, room, self.user, frame.client_id, frame.text, frame.reply_to, "socket", committed)

    async def _hello(self, hello: Hello) -> None:
        """The first one, and later ones that add rooms or ask for one again from another place."""
        if self._greeted:
            await self._still_valid(hello)
        self._greeted = True
        wanted = {resume.room: resume for resume in hello.rooms}.values()
        rooms = [room for resume in wanted if (room := await self._find(resume)) is not None]
        # From here to the welcome nothing waits: no frame of a room can come before it.
        mine = [room for room in rooms if room.role(self.user) is not None]
        for room in mine:
            self._replaying.add(room.id)
            self._rooms[room.id] = room
            room.subscribe(self)
        views = [WelcomeRoom(room=room.id, seq=room.head, members=room.member_views()) for room in mine]
        self.answer(Welcome(user=WelcomeUser(id=self.user, name=self.bearer.name), rooms=views))
        after = {resume.room: resume.after for resume in wanted}
        for room in mine:
            await self._replay(room, after[room.id])

    async def _still_valid(self, hello: Hello) -> None:
        credentials, now = self._parts.store.credentials, self._parts.clock.now()
        if await credentials.still(self.bearer, now) is None:
            raise Unauthorized("the token of this connection is no longer valid", "token")
        if hello.token is not None:
            who = await credentials.bearer(hello.token, now)
            if who is None or who.id != self.user:
                raise Unauthorized("this token is not the one that the connection was opened with", "token")

    async def _find(self, resume: Resume) -> Room | None:
        """None where the client was told why not. Raises Unavailable."""
        try:
            room = await self._parts.rooms.asked(resume.room, self.user)
            room.member(self.user)
            if resume.after > room.head:
                await room.look()  # another process may have told them what this one has not heard yet
            if resume.after > room.head:
                raise BadInput(f"the room's log ends at {room.head}", "after", resume.after)
        except Unavailable:
            raise
        except WireError as error:
            self.answer(error_event(error))
            return None
        return room

    async def _replay(self, room: Room, after: int) -> None:
        """Events go out from the log until it has no more; the same step turns to what happens now, so that there is no gap
        between the two, and what both have is told by its seq."""
        self._outbox.start(room.id, after)
        position = after
        while room.role(self.user) is not None and position < room.head:
            page = await self._parts.store.events.bodies(room.id, position)
            # The log may be ahead of what this process knows, and what it does not know yet may be that this person has left.
            page = tuple(event for event in page if event[0] <= room.head)
            for seq, body in page:
                await self._outbox.space()
                self._outbox.event(room.id, seq, body)
                position = seq
            if not page:
                break
        if room.role(self.user) is not None:
            self._replaying.discard(room.id)
            self.answer(Live(room=room.id, seq=position))


def error_event(error: WireError, client_id: str | None = None) -> ErrorEvent:
    metrics.REFUSED.labels(error.code).inc()
    return ErrorEvent(code=error.code, detail=error.detail, field=error.field, value=error.value, client_id=client_id)
