import pytest

from conversation.member import Member, Role
from conversation.message import Author


@pytest.mark.parametrize(("role", "kind"), [("owner", "human"), ("member", "human"), ("agent", "agent")])
def test_a_member_writes_as_human_or_agent_by_role(role: Role, kind: str) -> None:
    author = Member("u1", "Ann", role).as_author()
    assert (author.id, author.name, author.kind) == ("u1", "Ann", kind)


@pytest.mark.parametrize(("role", "speaks"), [("owner", True), ("member", True), ("agent", True), ("observer", False)])
def test_only_observers_never_hold_the_turn(role: Role, speaks: bool) -> None:
    assert Member("u1", "Ann", role).speaks is speaks


def test_two_people_of_one_name_are_two_authors() -> None:
    assert Author("a", "Sam", "human") != Author("b", "Sam", "human")
