"""The connections that listen to one room in this process, and who of its members is here by them."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from app.rights import may
from conversation.member import Role


class Subscriber(Protocol):
    """A connection. `deliver` never waits; `seq` is None for what passes and is not in the log."""

    user: str

    def deliver(self, room: str, body: str, seq: int | None) -> None: ...


class Audience:
    """`role` says what a user is in the room at this moment; None, and they hear nothing."""

    def __init__(self, room: str, role: Callable[[str], Role | None]) -> None:
        self._room = room
        self._role = role
        self._watching: dict[Subscriber, bool] = {}
        self._connections: Counter[str] = Counter()

    def __contains__(self, subscriber: Subscriber) -> bool:
        return subscriber in self._watching

    def everybody(self) -> Iterable[Subscriber]:
        return tuple(self._watching)

    def connected(self, user: str) -> bool:
        return self._connections[user] > 0

    def people(self) -> tuple[str, ...]:
        """Ids of those who are connected."""
        return tuple(user for user, connections in self._connections.items() if connections > 0)

    def add(self, subscriber: Subscriber) -> None:
        self._watching[subscriber] = False
        self._connections[subscriber.user] += 1

    def remove(self, subscriber: Subscriber) -> None:
        del self._watching[subscriber]
        self._connections[subscriber.user] -= 1

    def forget(self, user: str) -> None:
        self._connections.pop(user, None)
        for subscriber in [s for s in self._watching if s.user == user]:
            del self._watching[subscriber]

    def clear(self) -> None:
        self._watching.clear()
        self._connections.clear()

    def watch(self, subscriber: Subscriber, on: bool) -> None:
        if subscriber in self._watching:
            self._watching[subscriber] = on

    def tell(self, body: str, seq: int | None) -> None:
        for subscriber in self._watching:
            if self._role(subscriber.user) is not None:
                subscriber.deliver(self._room, body, seq)

    def tell_owners(self, body: str) -> None:
        for subscriber in self._watching:
            if may(self._role(subscriber.user), "manage"):
                subscriber.deliver(self._room, body, None)

    def tell_watchers(self, body: str) -> None:
        """Who watches must still be allowed to."""
        for subscriber, watching in self._watching.items():
            if watching and may(self._role(subscriber.user), "see thoughts"):
                subscriber.deliver(self._room, body, None)

    def tell_note(self, body: str, watchers: bool, owners: bool) -> None:
        """What passes: to everybody, to those who watch, or to owners."""
        if owners:
            self.tell_owners(body)
        elif watchers:
            self.tell_watchers(body)
        else:
            self.tell(body, None)
