"""One live room: one owner task that gives every event its place, then tells everybody, in that order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from app.audience import Audience, Subscriber
from app.bus import Bus, Note
from app.clock import Clock, Timer
from app.errors import NotFound, TooMany, Unavailable
from app.frames import (
    SERVER_FRAME,
    DeletedEvent,
    EditedEvent,
    MessageEvent,
    PresenceEvent,
    QuietEvent,
    Resync,
    TypingEvent,
)
from app.line import Line, Order
from app.owners import Owners
from app.presence import Presence
from app.protocol import TEXT_LIMIT, AgentChange, MemberView, MessageView, NewAgent, QuietView, Wire
from app.rates import MESSAGES, Bucket, full, take
from app.recent import Recent
from app.resident import Listener
from app.rights import allow, may
from app.store import Store
from app.store.events import Logged
from app.store.rooms import RoomRow
from app.views import conversation_message, member_of, member_view
from conversation.floor import Floor
from conversation.member import Member, Role
from conversation.message import Message
from conversation.transcript import Transcript

log = logging.getLogger(__name__)
T = TypeVar("T")

TYPING_LASTS = 6.0
"""Seconds that a typing signal holds without being renewed."""


class Room:
    """`run` is the owner task; it alone changes the log's end, the members and the transcript kept here. `fence`: the number
    under which the agents think in this process; None while they think in another.

    Everything that members may do raises NotFound for those who are not members and Forbidden for observers.
    """

    def __init__(
        self,
        row: RoomRow,
        members: Iterable[Member],
        recent: Iterable[Message],
        store: Store,
        clock: Clock,
        bus: Bus,
        owners: Owners,
        listen: "Callable[[Room], Listener]",
    ) -> None:
        self.id = row.id
        self.name = row.name
        self.head = row.head
        self._members = {member.id: member for member in members}
        self._recent = Recent(recent)
        self._store = store
        self._clock = clock
        self._bus = bus
        self._owners = owners
        self.fence: int | None = None
        self._listen = listen
        self._listener: Listener | None = None
        self._line = Line()
        self.closed = False
        self._looking = False
        self._audience = Audience(row.id, self.role)
        self._presence = Presence(row.id, self._audience, lambda user: self._members.get(user), bus)
        self._typing: dict[str, Timer] = {}
        self._buckets: dict[str, Bucket] = {}
        last = self._recent.transcript().last
        quiet = (clock.now() - last.at).total_seconds() if last else 0.0
        self._active_at = clock.tick() - max(0.0, quiet)
        self._closing: set[asyncio.Future[None]] = set()

    # -- what the room is now ------------------------------------------------------------------------------------------

    def transcript(self) -> Transcript:
        """The last 200 messages at most."""
        return self._recent.transcript()

    def members(self) -> tuple[Member, ...]:
        return tuple(self._members.values())

    def member_views(self) -> list[MemberView]:
        return [member_view(m, m.role == "agent" or self._presence.online(m.id)) for m in self._members.values()]

    def role(self, user: str) -> Role | None:
        return member.role if (member := self._members.get(user)) else None

    def member(self, user: str) -> Member:
        if (member := self._members.get(user)) is None:
            raise NotFound("no such room, or you are not in it", "room", self.id)
        return member

    def floor(self) -> Floor:
        return Floor(frozenset(self._typing), max(0.0, self._clock.tick() - self._active_at))

    @property
    def idle(self) -> bool:
        """Nobody listens, nothing is under way, and the agents have nothing to think about but a pause."""
        thinks = self._listener is not None and not self._listener.idle
        return self._line.idle and not (thinks or self._audience.everybody())

    # -- what members do -----------------------------------------------------------------------------------------------

    async def send(
        self,
        user: str,
        client_id: str,
        text: str,
        reply_to: str | None,
        committed: Callable[[Message], None] = lambda message: None,
    ) -> Message:
        """`committed` is called when the message is durable and before anybody is told of it. Raises TooMany, Conflict."""
        self._speaker(user)
        self._take_turn(user)

        async def write() -> tuple[Message, Logged | None]:
            author = self._speaker(user).as_author()
            now = self._clock.now()
            posted = await self._store.messages.post(self.id, author, client_id, text, reply_to, now, allowed=True)
            return posted.message, posted.logged

        return await self._order(write, committed)

    async def post_agent(
        self, agent_id: str, client_id: str, text: str, reply_to: str | None, fence: int | None = None
    ) -> Message:
        """A message that an agent thought of under `fence`; the same for the same `client_id`. Raises NotFound, Fenced."""
        clean = text.replace("\0", "")[:TEXT_LIMIT]

        async def write() -> tuple[Message, Logged | None]:
            author = self.member(agent_id).as_author()
            at = self._clock.now()
            posted = await self._store.messages.post(self.id, author, client_id, clean, reply_to, at, fence)
            return posted.message, posted.logged

        return await self._order(write)

    async def react_agent(self, agent_id: str, message_id: str, emoji: str) -> None:
        await self.react(agent_id, message_id, emoji, True)

    async def hush_agent(self, agent_id: str, quiet: QuietView | None) -> None:
        """A member's word, or its end. Raises NotFound."""
        await self._store.agents.hush(self.id, agent_id, quiet)
        self.broadcast(QuietEvent(room=self.id, agent=agent_id, quiet=quiet))
        self._changed()

    async def react(self, user: str, message: str, emoji: str, on: bool) -> None:
        self._speaker(user)

        async def write() -> tuple[None, Logged | None]:
            person = self._speaker(user).role != "agent"
            at = self._clock.now()
            return None, await self._store.messages.react(self.id, message, user, emoji, on, at, allowed=person)

        await self._order(write)

    async def edit(self, user: str, message: str, text: str) -> None:
        self._speaker(user)
        self._take_turn(user)

        async def write() -> tuple[None, Logged | None]:
            self._speaker(user)
            return None, await self._store.edits.edit(self.id, message, user, text, self._clock.now(), allowed=True)

        await self._order(write)

    async def delete(self, user: str, message: str) -> None:
        """Of their own, and owners of anybody's."""
        allow(self.member(user).role, "take back", self.id)
        self._take_turn(user)

        async def write() -> tuple[None, Logged | None]:
            owner = may(self.member(user).role, "manage")
            return None, await self._store.edits.delete(self.id, message, user, owner, self._clock.now(), allowed=True)

        await self._order(write)

    async def take_back(self, by: str, message: str, owner: bool = False) -> bool:
        """Deletes what `by` wrote, who may have left, when what came of it is gone; `owner`: anybody's. Whether it was there."""

        async def write() -> tuple[bool, Logged | None]:
            logged = await self._store.edits.delete(self.id, message, by, owner, self._clock.now(), not owner)
            return logged is not None, logged

        return await self._order(write)

    def typing(self, user: str, on: bool) -> None:
        self._speaker(user)
        self._type(user, on)

    def watch(self, subscriber: Subscriber, on: bool) -> None:
        if on:
            allow(self.member(subscriber.user).role, "see thoughts", self.id)
        self._audience.watch(subscriber, on)

    async def rename(self, name: str) -> None:
        await self._store.rooms.rename(self.id, name)
        self.name = name
        self._bus.publish(self.id, Note(name=name))

    # -- who is here ---------------------------------------------------------------------------------------------------

    async def join(self, member: Member, invite: str | None = None) -> None:
        """Adds a person, or gives them the role of `member`; with `invite`, only while that one stands. Raises Conflict for
        the last owner, NotFound for an invite that was withdrawn."""

        async def write() -> tuple[None, Logged | None]:
            return None, await self._store.members.put(self.id, member, self._clock.now(), invite)

        await self._order(write, alone=True)

    async def leave(self, user: str) -> None:
        """Raises NotFound, and Conflict for the last owner."""

        async def write() -> tuple[None, Logged]:
            if (member := self._members.get(user)) is None or member.role == "agent":
                raise NotFound("not a member of this room", "user", user)
            return None, await self._store.members.remove(self.id, member, self._clock.now())

        await self._order(write, alone=True)

    async def add_agent(self, agent: NewAgent) -> str:
        """Its id. Raises Conflict where there are too many."""
        return await self._order(lambda: self._store.agents.add(self.id, agent, self._clock.now()), alone=True)

    async def change_agent(self, agent_id: str, change: AgentChange) -> None:
        async def write() -> tuple[None, Logged | None]:
            return None, await self._store.agents.change(self.id, agent_id, change, self._clock.now())

        await self._order(write, alone=True)
        self._changed()

    def agents_changed(self) -> None:
        """Something about its agents was changed in the store: who thinks here looks again."""
        self._changed()

    async def remove_agent(self, agent_id: str) -> None:
        async def write() -> tuple[None, Logged]:
            return None, await self._store.agents.remove(self.id, agent_id, self._clock.now())

        await self._order(write, alone=True)

    # -- who listens ---------------------------------------------------------------------------------------------------

    def subscribe(self, subscriber: Subscriber) -> None:
        """From now on every event reaches `subscriber`. Raises NotFound for those who are not members."""
        member = self.member(subscriber.user)
        if subscriber in self._audience:
            return
        if not self._audience.connected(member.id):
            self._presence.comes(member.id)
        self._audience.add(subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        if subscriber not in self._audience:
            return
        self._audience.remove(subscriber)
        user = subscriber.user
        if user not in self._members or self._audience.connected(user):
            return
        if user in self._typing:
            self._type(user, False)
        self._presence.went(user)

    def broadcast(self, frame: Wire) -> None:
        """A passing frame to everybody in the room, here and in other processes."""
        self._spread(Note(frame=frame.model_dump_json()))

    def broadcast_watchers(self, frame: Wire) -> None:
        """The same, to those who watch and may."""
        self._spread(Note(frame=frame.model_dump_json(), watchers=True))

    def broadcast_owners(self, frame: Wire) -> None:
        """The same, to owners."""
        self._spread(Note(frame=frame.model_dump_json(), owners=True))

    async def look(self) -> None:
        """Returns when what the log has now is known here."""
        await self._order(self._look, alone=True)

    # -- the owner task ------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Before `run`."""
        await self._bus.join(self.id, self._note)
        self._presence.opened()
        await self._catch_up()
        await self._owners.join(self.id, self._lead, self._note)

    async def run(self) -> None:
        while True:
            await self._finish(await self._line.next())

    async def _finish(self, order: Order) -> None:
        write = order.begun
        assert write is not None
        if (error := write.exception()) is not None:
            if not order.done.done():
                order.done.set_exception(error)
            return
        value, logged = write.result()
        order.committed(value)
        if logged is not None:
            await self._reach(logged)
            self._bus.publish(self.id, Note(seq=logged.seq))
        elif isinstance(value, Message) and value.seq > self.head:
            # It was written before, as this room was closed or by another process, and told to nobody here.
            await self._catch_up()
        if not order.done.done():
            order.done.set_result(value)

    async def close(self, gone: bool = False) -> None:
        """However `run` ended. Who still waits is told Unavailable, though the message may have been committed: the same
        client_id will show. Who listens is sent back to the log, and by it to the room as it is opened next; or, with `gone`
        (the room was deleted), told that they have left."""
        self.closed = True
        if gone:
            self._bus.publish(self.id, Note(gone=True))
            self._presence.deleted()
            self._members = {}
        else:
            self._presence.closed()
        for subscriber in self._audience.everybody():
            subscriber.deliver(self.id, Resync(room=self.id, after=self.head).model_dump_json(), None)
        self._audience.clear()
        while self._typing:
            self._typing.popitem()[1].cancel()
        self._dismiss()
        self._lead(None)
        await asyncio.gather(*self._closing)
        await self._owners.leave(self.id)
        await self._bus.leave(self.id)

    # -- inside --------------------------------------------------------------------------------------------------------

    async def _order(
        self,
        write: Callable[[], Awaitable[tuple[T, Logged | None]]],
        committed: Callable[[T], None] = lambda value: None,
        alone: bool = False,
    ) -> T:
        if self.closed:
            raise Unavailable("this room was closed; say hello to it again", "room", self.id)
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        await self._line.put(Order(write, committed, done, alone))
        if self.closed:  # while this one waited for its place
            self._dismiss()
        return await done

    def _dismiss(self) -> None:
        for order in self._line.unfinished():
            order.done.set_exception(Unavailable("the room is closing", "room", self.id))

    def _speaker(self, user: str) -> Member:
        member = self.member(user)
        allow(member.role, "write", self.id)
        return member

    def _take_turn(self, user: str) -> None:
        now = self._clock.tick()
        if (left := take(self._buckets.get(user) or full(MESSAGES, now), MESSAGES, now)) is None:
            raise TooMany(f"at most {MESSAGES.rate:g} messages a second, {MESSAGES.burst} at once, in one room")
        self._buckets[user] = left

    async def _reach(self, logged: Logged) -> None:
        """Takes `logged`, and before it whatever another process put in between."""
        if logged.seq == self.head + 1:
            self._take(logged)
        elif logged.seq > self.head:
            await self._catch_up()

    async def _catch_up(self) -> None:
        self._looking = False
        try:
            while page := await self._store.events.after(self.id, self.head):
                for logged in page:
                    self._take(logged)
        except Unavailable as error:
            log.warning("room %s stays at %d until its log can be read: %s", self.id, self.head, error)

    def _take(self, logged: Logged) -> None:
        self.head = logged.seq
        frame = logged.frame
        match frame:
            case MessageEvent(message=MessageView(deleted_at=None)):
                message = conversation_message(frame.message)
                self._active_at = self._clock.tick()
                self._recent.add(message)
                if message.author.id in self._typing:
                    self._set_typing(message.author.id, False)
                self._audience.tell(logged.body, logged.seq)
                self._tell(lambda listener: listener.heard(message))
            case EditedEvent() | DeletedEvent():
                self._audience.tell(logged.body, logged.seq)
                self._reword(frame)
            case PresenceEvent():
                if frame.state == "joined":
                    self._members[frame.member.id] = member_of(frame.member)
                self._audience.tell(logged.body, logged.seq)
                if frame.state == "joined":
                    self._presence.joined(frame.member.id)
                if frame.state == "left":
                    self._forget(frame.member.id)
                self._tell(lambda listener: listener.changed())
            case _:
                self._audience.tell(logged.body, logged.seq)

    def _reword(self, frame: EditedEvent | DeletedEvent) -> None:
        text = frame.text if isinstance(frame, EditedEvent) else None
        if isinstance(frame, EditedEvent) and text is None:
            return  # what follows in the log has overtaken it
        if (earlier := self._recent.reword(frame.id, text)) is not None:
            self._tell(lambda listener: listener.reworded(earlier, gone=text is None))

    def _spread(self, note: Note) -> None:
        self._audience.tell_note(note.frame or "", note.watchers, note.owners)
        self._bus.publish(self.id, note)

    def _forget(self, user: str) -> None:
        self._members.pop(user, None)
        self._buckets.pop(user, None)
        if (timer := self._typing.pop(user, None)) is not None:
            timer.cancel()
        self._audience.forget(user)
        self._presence.forget(user)

    def _set_typing(self, user: str, on: bool) -> None:
        """Tells of a change; a renewal only holds the signal up."""
        if (earlier := self._typing.pop(user, None)) is not None:
            earlier.cancel()
        if on:
            self._active_at = self._clock.tick()
            self._typing[user] = self._clock.call_later(TYPING_LASTS, lambda: self._set_typing(user, False))
        if on != (earlier is not None):
            self._audience.tell(TypingEvent(room=self.id, user=user, on=on).model_dump_json(), None)
            self._tell(lambda listener: listener.typing(user, on))

    def _type(self, user: str, on: bool) -> None:
        self._set_typing(user, on)
        self._bus.publish(self.id, Note(frame=TypingEvent(room=self.id, user=user, on=on).model_dump_json()))

    def _changed(self) -> None:
        self._tell(lambda listener: listener.changed())
        self._bus.publish(self.id, Note(changed=True))

    def _tell(self, what: Callable[[Listener], None]) -> None:
        """From the loop, in order: a listener that raises is logged there and stops neither the room nor anybody's ack."""
        if self._listener is not None:
            asyncio.get_running_loop().call_soon(what, self._listener)

    def _note(self, note: Note) -> None:
        """What another process says."""
        if note.gone:
            self._presence.deleted()
            self._members = {}
        elif note.name is not None:
            self.name = note.name
        elif note.here is not None:
            self._presence.hear(note.here)
        elif note.frame is not None:
            frame = SERVER_FRAME.validate_json(note.frame)
            if isinstance(frame, TypingEvent):
                self._set_typing(frame.user, frame.on)
            else:
                self._audience.tell_note(note.frame, note.watchers, note.owners)
        elif note.changed:
            self._tell(lambda listener: listener.changed())
        elif (note.seq is None or note.seq > self.head) and not self._looking and not self._line.full():
            self._looking = True
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._line.put_nowait(Order(self._look, lambda value: None, done, True))

    async def _look(self) -> tuple[None, None]:
        await self._catch_up()
        return None, None

    def _lead(self, fence: int | None) -> None:
        if self._listener is not None:
            closing = asyncio.ensure_future(self._listener.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        self.fence = fence
        self._listener = None if fence is None or self.closed else self._listen(self)
