from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from memory.attendance import Membership, Passage, present
from tests.memory.build import START

PEOPLE = ("ann", "bob", "cat")
moves = st.lists(st.tuples(st.sampled_from(("say", "join", "leave", "role")), st.sampled_from(PEOPLE)), max_size=25)


@given(moves)
def test_it_says_who_was_there_and_never_more(steps: list[tuple[str, str]]) -> None:
    """A room is played through; Ann made it. Whoever made it and was given another role before they left may be missed."""
    here = {"ann": START}
    passages, said = [], []
    for seq, (what, who) in enumerate(steps, start=1):
        at = START + timedelta(minutes=seq)
        if what == "join" and who not in here:
            here[who] = at
            passages.append(Passage(seq, who, "joined"))
        elif what == "role" and who in here:
            passages.append(Passage(seq, who, "joined"))
        elif what == "leave" and who in here:
            del here[who]
            passages.append(Passage(seq, who, "left"))
        elif what == "say":
            said.append((seq, at, frozenset(here)))
    members = [Membership(who, since) for who, since in here.items()]
    unclear = any(p.state == "joined" for p in passages if p.person == "ann")
    for seq, at, there in said:
        found = present(passages, members, seq, at)
        assert found <= there
        assert found == there or (unclear and there - found == {"ann"})


def test_who_came_after_it_was_said_was_not_there() -> None:
    joined = [Passage(5, "bob", "joined")]
    members = [Membership("ann", START), Membership("bob", START + timedelta(hours=1))]
    assert present(joined, members, 4, START) == {"ann"}
    assert present(joined, members, 5, START + timedelta(hours=1)) == {"ann", "bob"}


def test_who_has_left_since_was_there() -> None:
    assert present([Passage(5, "bob", "left")], [], 4, START) == {"bob"}
    assert present([Passage(5, "bob", "left")], [], 5, START) == frozenset()
