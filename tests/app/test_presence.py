"""Who is online, here and in other processes."""

import json

from app.audience import Audience
from app.bus import Here, Note
from app.presence import Presence
from conversation.member import Member
from tests.app.scene import OtherProcess, Reader

PEOPLE = {name: Member(name, name.capitalize(), "member") for name in ("ann", "bob", "cid")}


class Den:
    """Ann is connected here and hears what is told."""

    def __init__(self) -> None:
        self.bus = OtherProcess()
        self.audience = Audience("r", lambda user: PEOPLE[user].role if user in PEOPLE else None)
        self.presence = Presence("r", self.audience, PEOPLE.get, self.bus)
        self.ann = Reader("ann")
        self.audience.add(self.ann)

    def told(self) -> list[tuple[str, str]]:
        """And forgets it."""
        told = [(f["member"]["id"], f["state"]) for f in self.ann.got]
        self.ann.got.clear()
        return told

    def said(self) -> list[Here]:
        """And forgets it."""
        said = [note.here for note in self.bus.published if note.here is not None]
        self.bus.published.clear()
        return said


def test_who_is_connected_elsewhere_is_online_until_the_last_connection_ends() -> None:
    den = Den()
    den.presence.hear(Here(by="x", came=("bob",)))
    den.presence.hear(Here(by="y", came=("bob", "ann")))
    assert den.told() == [("bob", "online")], "ann was online, and bob came once"
    assert den.presence.online("bob")
    den.presence.hear(Here(by="x", went=("bob",)))
    assert den.told() == []
    den.presence.hear(Here(by="y", all=True))
    assert den.told() == [("bob", "offline")]
    assert den.presence.online("ann")


def test_others_are_told_of_connections_here_and_people_here_of_changes() -> None:
    den = Den()
    den.presence.hear(Here(by="x", came=("bob",)))
    den.told()
    bob = Reader("bob")
    den.presence.comes("bob")
    den.audience.add(bob)
    assert den.told() == [], "bob is online elsewhere"
    assert den.said() == [Here(by="here", came=("bob",))]
    den.presence.hear(Here(by="x", went=("bob",)))
    den.audience.remove(bob)
    den.presence.went("bob")
    assert den.told() == [("bob", "offline")]
    assert den.said() == [Here(by="here", went=("bob",))]


def test_who_asks_is_told_all_and_who_lost_notes_asks() -> None:
    den = Den()
    den.presence.opened()
    assert den.said() == [Here(by="here", all=True, asks=True)]
    den.presence.hear(Here(by="x", all=True, asks=True))
    assert den.said() == [Here(by="here", came=("ann",), all=True)]
    den.presence.hear(Here(by="here", asks=True))
    assert den.said() == [Here(by="here", came=("ann",), all=True, asks=True)]
    den.presence.closed()
    assert den.said() == [Here(by="here", all=True)]
    assert den.told() == []


def test_who_is_no_member_is_not_told_of() -> None:
    den = Den()
    den.presence.hear(Here(by="x", came=("stranger", "cid")))
    assert den.told() == [("cid", "online")]
    den.presence.forget("cid")
    assert not den.presence.online("cid")
    den.presence.hear(Here(by="x", went=("cid",)))
    assert den.told() == []


def test_a_note_goes_over_the_wire_and_back() -> None:
    note = Note(here=Here(by="x", came=("ann",), all=True))
    assert Note.model_validate(json.loads(note.model_dump_json())) == note


def test_who_came_before_the_log_told_that_they_are_a_member_is_online_once_it_does() -> None:
    den = Den()
    members = dict(PEOPLE)
    den.presence = Presence("r", den.audience, members.get, den.bus)
    bob = members.pop("bob")
    den.presence.hear(Here(by="x", came=("bob",)))
    assert den.told() == []
    members["bob"] = bob
    den.presence.joined("bob")
    den.presence.joined("cid")
    assert den.told() == [("bob", "online")]
