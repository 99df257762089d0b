"""How a question is put, and put again."""

import pytest

from personalization.space import Dimension, space_for
from personalization.special import askable, special
from personalization.wording import alike, put, reworded

EMOJI = Dimension(
    "emoji", ("a", "b"), (0.5, 0.5), ask="Are emoji fine?", again=("Do you like emoji?", "Emoji, or none?")
)


def test_asking_again_is_in_other_words_until_there_are_none() -> None:
    said = [put(EMOJI, n) for n in range(4)]
    assert said[:3] == [EMOJI.ask, *EMOJI.again]
    assert said[3] == said[0]
    assert put(Dimension("x", ("a", "b"), (0.5, 0.5), ask="Why?"), 5, "ann") == "Why?"


def test_people_begin_with_different_words_and_each_hears_all_of_them() -> None:
    assert len({put(EMOJI, 0, f"person-{n}") for n in range(30)}) == 3
    assert len({put(EMOJI, n, "ann") for n in range(3)}) == 3


@pytest.mark.parametrize("name", ["preferences", "exercise", "education"])
def test_what_ships_has_other_words_that_pass_their_own_guard(name: str) -> None:
    assert sum(bool(d.again) for d in space_for(name).dimensions) > 0.7 * len(space_for(name).dimensions)
    for d in space_for(name).dimensions:
        for n, again in enumerate(d.again):
            assert reworded(again, d.ask, d.again[:n]) == again
        assert name != "preferences" or askable(d)


@pytest.mark.parametrize(
    "candidate",
    ["I like emoji.", "Do you like emoji? Or not?", "Are emoji fine with us?", "Do you like emoji or words?", "What of emoji?",
     "Do you pray with emoji?", "Emoji?", "Sure: do you like emoji?", f"Do you {'really ' * 20}like emoji?", ""],
)  # fmt: skip
def test_what_is_no_other_wording_is_thrown_away(candidate: str) -> None:
    assert reworded(candidate, "Are emoji fine with you?", ()) is None


def test_a_wording_is_cleaned_and_not_taken_twice() -> None:
    assert (
        reworded(' "Do you like little pictures?" ', "Are emoji fine with you?", ()) == "Do you like little pictures?"
    )
    assert reworded("Do you like little pictures?", "Are emoji fine?", ["Do you like little pictures much?"]) is None
    assert alike("one two", "two three") == 0.5


def test_who_asks_whom_stays_as_it_is() -> None:
    ask = "Is it all right if I ask you things now and then?"
    assert reworded("Tell me, would it be okay for me to put questions to you?", ask, ())
    for turned in (
        "Would you mind asking me questions?",
        "Are your questions welcome here?",
        "May we ask you something?",
    ):
        assert reworded(turned, ask, ()) is None
    assert reworded("Have you ever heard of jokes?", "Are you up for a joke here and there?", ()) is None


def test_a_question_is_as_special_as_any_of_its_words() -> None:
    assert special("Do you go to church?")
    assert not askable(
        Dimension("sunday", ("a", "b"), (0.5, 0.5), ask="Free on Sunday?", again=("Are you at church then?",))
    )
