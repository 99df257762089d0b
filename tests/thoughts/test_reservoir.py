from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from conversation.thought import Thought
from tests.conversation.build import ANN, ASIDE, BOB, NOW, message, thought
from thoughts.reservoir import CAPACITY, LIFE, LIFE_TURNS, SAID, SAME, faded, foreign, near, overtaken, said

EAST, NORTH = (1.0, 0.0), (0.0, 1.0)


def leaning(cosine: float) -> tuple[float, float]:
    return (cosine, (1 - cosine**2) ** 0.5)


def test_near_begins_at_its_threshold() -> None:
    assert near(EAST, [NORTH, leaning(SAME + 1e-6)])
    assert not near(EAST, [NORTH, leaning(SAME - 1e-6)])
    assert not near(EAST, [])


def test_what_another_embedder_placed_is_near_to_nothing() -> None:
    assert not near(EAST, [(), (1.0, 0.0, 0.0)])


def test_what_somebody_said_since_is_retired_and_names_them() -> None:
    held = [thought("t1", embedding=EAST, formed_seq=4), thought("t2", embedding=NORTH, formed_seq=4)]
    changed = overtaken(held, [message(5, BOB, "east")], {"east": leaning(SAID + 1e-6)})
    assert [(t.id, t.state, t.why) for t in changed] == [("t1", "retired", "said by Bob")]


def test_what_was_said_before_the_thought_or_by_the_agent_itself_overtakes_nothing() -> None:
    held = [thought(embedding=EAST, formed_seq=4)]
    assert overtaken(held, [message(4, BOB, "east"), message(5, ASIDE, "east")], {"east": EAST}) == ()


def test_something_merely_related_overtakes_nothing() -> None:
    held = [thought(embedding=EAST, formed_seq=4)]
    assert overtaken(held, [message(5, BOB, "east")], {"east": leaning(SAID - 1e-6)}) == ()


def test_a_thought_is_overtaken_once_by_whoever_was_first() -> None:
    held = [thought(embedding=EAST, formed_seq=1)]
    changed = overtaken(held, [message(2, ANN, "a"), message(3, BOB, "b")], {"a": EAST, "b": EAST})
    assert [t.why for t in changed] == ["said by Ann"]


def test_a_thought_expires_after_its_turns_unless_it_came_back() -> None:
    stale = thought("stale", formed_seq=1)
    back = thought("back", formed_seq=1, accessed_seq=2)
    assert faded([stale, back], 1 + LIFE_TURNS, NOW) == ()
    (gone,) = faded([stale, back], 2 + LIFE_TURNS, NOW)
    assert (gone.id, gone.state, gone.why) == ("stale", "expired", "its moment is over")


def test_a_thought_expires_after_a_day() -> None:
    assert faded([thought()], 1, NOW + LIFE) == ()
    assert [t.state for t in faded([thought()], 1, NOW + LIFE + timedelta(seconds=1))] == ["expired"]


def test_beyond_capacity_the_least_motivated_go_first_and_the_oldest_of_equals() -> None:
    strong = [thought(f"s{i:02}", motivation=4.0) for i in range(CAPACITY)]
    weak = [thought("unrated"), thought("weak", motivation=2.0)]
    assert {t.id: t.why for t in faded([*weak, *strong], 1, NOW)} == {
        "unrated": "crowded out by stronger thoughts",
        "weak": "crowded out by stronger thoughts",
    }
    older = thought("z", motivation=4.0, formed_seq=0)
    assert [t.id for t in faded([*strong, older], 1, NOW)] == ["z"]


@given(st.lists(st.tuples(st.floats(1, 5), st.integers(0, 200)), max_size=60))
def test_what_is_left_is_never_more_than_capacity(found: list[tuple[float, int]]) -> None:
    held = [thought(f"t{i:02}", motivation=m, formed_seq=seq) for i, (m, seq) in enumerate(found)]
    gone = faded(held, 200, NOW)
    assert len(held) - len(gone) <= CAPACITY
    assert len({t.id for t in gone}) == len(gone)
    assert all(t.state == "expired" and t.why for t in gone)


def test_saying_one_retires_those_that_say_the_same() -> None:
    chosen = thought("chosen", embedding=EAST)
    same, other = thought("same", embedding=leaning(0.9)), thought("other", embedding=NORTH)
    changed = said(chosen, [chosen, same, other])
    assert [(t.id, t.state, t.why) for t in changed] == [
        ("chosen", "spoken", "said"),
        ("same", "retired", "the agent said as much"),
    ]


def test_thoughts_of_another_embedder_expire_and_those_without_a_place_stay() -> None:
    held: list[Thought] = [thought("mine", embedding=EAST), thought("none"), thought("old", embedding=(1.0, 0.0, 0.0))]
    assert foreign(held, 2) == (replace(held[2], state="expired", why="another embedder is in use"),)
