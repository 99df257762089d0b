"""Who is online in one room: connected to this process, or to another that says so."""

from collections.abc import Callable

from app.audience import Audience
from app.bus import Bus, Here, Note
from app.frames import PresenceEvent
from app.views import member_view
from conversation.member import Member


class Presence:
    """Tells those who are connected here who comes and goes, and other processes who is connected here. `member`: of the room,
    by id. What others say is kept until they say otherwise or the bus finds them gone."""

    def __init__(self, room: str, audience: Audience, member: Callable[[str], Member | None], bus: Bus) -> None:
        self._room = room
        self._audience = audience
        self._member = member
        self._bus = bus
        self._elsewhere: dict[str, set[str]] = {}

    def online(self, user: str) -> bool:
        return self._audience.connected(user) or any(user in there for there in self._elsewhere.values())

    def opened(self) -> None:
        """The room is followed on the bus."""
        self._say(all=True, asks=True)

    def comes(self, user: str) -> None:
        """Before their first connection here."""
        if not self.online(user):
            self._tell(user, True)
        self._say(came=(user,))

    def joined(self, user: str) -> None:
        """The log has them as a member now, or as another one; what it says of who is online is from before that."""
        if self.online(user):
            self._tell(user, True)

    def went(self, user: str) -> None:
        """After their last."""
        if not self.online(user):
            self._tell(user, False)
        self._say(went=(user,))

    def forget(self, user: str) -> None:
        """Who is no member any more."""
        for there in self._elsewhere.values():
            there.discard(user)

    def deleted(self) -> None:
        """The room is: everybody who is connected here is told that they have left."""
        for subscriber in self._audience.everybody():
            if (member := self._member(subscriber.user)) is not None:
                left = PresenceEvent(room=self._room, member=member_view(member, False), state="left")
                subscriber.deliver(self._room, left.model_dump_json(), None)
        self._audience.clear()

    def closed(self) -> None:
        """The room is closed here."""
        self._say(all=True)

    def hear(self, here: Here) -> None:
        """What another process says, which may ask for the same; or the bus, in this one's name, where notes were lost."""
        own = here.by == self._bus.me
        if not own:
            there = self._elsewhere.get(here.by, set())
            now = set(here.came) if here.all else there.union(here.came).difference(here.went)
            touched = sorted(there ^ now)
            before = [self.online(user) for user in touched]
            self._elsewhere[here.by] = now
            if not now:
                del self._elsewhere[here.by]
            for user, was in zip(touched, before, strict=True):
                if self.online(user) != was:
                    self._tell(user, not was)
        if here.asks:
            self._say(came=self._audience.people(), all=True, asks=own)

    def _tell(self, user: str, online: bool) -> None:
        if (member := self._member(user)) is not None:
            state = PresenceEvent(
                room=self._room, member=member_view(member, online), state="online" if online else "offline"
            )
            self._audience.tell(state.model_dump_json(), None)

    def _say(
        self, came: tuple[str, ...] = (), went: tuple[str, ...] = (), *, all: bool = False, asks: bool = False
    ) -> None:
        self._bus.publish(self._room, Note(here=Here(by=self._bus.me, came=came, went=went, all=all, asks=asks)))
