"""Who listens to a room."""

from dataclasses import dataclass, field

from app.audience import Audience
from conversation.member import Role


@dataclass(eq=False)
class Ear:
    user: str
    got: list[tuple[str, int | None]] = field(default_factory=list)

    def deliver(self, room: str, body: str, seq: int | None) -> None:
        assert room == "r"
        self.got.append((body, seq))


def scene() -> tuple[Audience, dict[str, Role], Ear, Ear]:
    roles: dict[str, Role] = {"ann": "owner", "bob": "member"}
    audience, ann, bob = Audience("r", roles.get), Ear("ann"), Ear("bob")
    audience.add(ann)
    audience.add(bob)
    return audience, roles, ann, bob


def test_everybody_is_told_who_is_still_a_member() -> None:
    audience, roles, ann, bob = scene()
    audience.tell("one", 1)
    del roles["bob"]
    audience.tell("two", 2)
    audience.tell("passing", None)
    assert ann.got == [("one", 1), ("two", 2), ("passing", None)]
    assert bob.got == [("one", 1)]


def test_watchers_must_ask_and_still_be_allowed() -> None:
    audience, roles, ann, bob = scene()
    audience.tell_watchers("nobody asked")
    audience.watch(ann, True)
    audience.watch(bob, True)
    audience.tell_watchers("ann")
    roles["ann"], roles["bob"] = "member", "observer"
    audience.tell_watchers("bob")
    audience.watch(bob, False)
    audience.tell_watchers("nobody")
    assert ann.got == [("ann", None)]
    assert bob.got == [("bob", None)]


def test_connected_as_long_as_one_connection_is_there() -> None:
    audience, _, ann, _ = scene()
    second = Ear("ann")
    audience.add(second)
    audience.remove(ann)
    assert audience.connected("ann")
    assert set(audience.people()) == {"ann", "bob"}
    audience.remove(second)
    assert not audience.connected("ann")
    assert not audience.connected("stranger")


def test_forgetting_takes_every_connection_of_a_user() -> None:
    audience, _, ann, bob = scene()
    audience.add(Ear("bob"))
    audience.forget("bob")
    assert bob not in audience
    assert ann in audience
    assert not audience.connected("bob")
    audience.watch(bob, True)
    assert bob not in audience
    assert list(audience.everybody()) == [ann]
    audience.clear()
    assert list(audience.everybody()) == []
