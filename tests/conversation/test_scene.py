"""The rhythm of a room and the habits of its members."""

import pytest

from conversation.scene import EARLIER, NEVER, NUMBERS, Scene
from conversation.standing import talk_of
from tests.conversation.test_standing import said


def of(who: str, *lines: str, earlier: tuple[str, ...] = ()) -> dict[str, float]:
    messages = said(*lines)
    return Scene(messages, earlier, talk_of(messages, {}, messages[-1].at)).of(who)


TALK = ("ann: hello", "bob: ann: what is it?", "ann: nothing", "cat: well", "cat: bob: so?")


def test_all_numbers_are_there_and_none_is_below_nothing() -> None:
    for who in ("ann", "bob"):
        found = of(who, *TALK)
        assert set(found) == set(NUMBERS)
        assert all(value >= 0 or value == NEVER for value in found.values())


def test_of_the_room_it_tells_length_tempo_and_who_is_owed_an_answer() -> None:
    found = of("ann", *TALK)
    assert (found["length"], found["author_length"]) == (8, 6)
    assert (found["gap"], found["minute"], found["minutes5"]) == (10, 5, 5)
    assert (found["owing"], found["calls10"], found["questions5"], found["speakers10"]) == (1, 2, 2, 3)


def test_of_a_member_it_tells_whose_the_last_messages_are() -> None:
    found = of("ann", *TALK)
    assert [found[f"author{n}"] for n in range(1, 6)] == [2, 2, 0, 1, 0]  # its partner is bob, the author is cat
    assert [found[f"calls{n}"] for n in range(1, 6)] == [1, 0, 0, 2, 0]
    assert (found["second_last"], found["third_last"], found["last_gap"]) == (4, NEVER, 2)
    assert (found["partner_turns"], found["rank_turns"], found["others_called5"]) == (3, 0, 1)


def test_habits_are_those_of_the_whole_chat() -> None:
    alone, longer = of("bob", *TALK), of("bob", *TALK, earlier=("cat", "bob") * 20)
    assert (alone["all_said"], longer["all_said"]) == (1, 21)
    assert longer["right_after"] == 20
    assert longer["soon_after_part"] > alone["soon_after_part"]
    assert longer["all_usual"] == 2


def test_no_more_is_counted_than_was_said() -> None:
    many = of("bob", *TALK, earlier=("bob",) * (EARLIER + 50))
    assert many["all_said"] == EARLIER + 1


def test_a_stranger_has_no_scene() -> None:
    with pytest.raises(KeyError):
        of("dan", *TALK)
