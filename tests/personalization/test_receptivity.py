"""How words are received, and what follows from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.transcript import Transcript
from personalization.receptivity import (
    EASIER,
    HARDER,
    MOVES,
    REPEATED,
    WORTH,
    Reception,
    goodbye,
    hook,
    move,
    moves,
    receptions,
    receptivity,
    repetition,
    shift,
)
from tests.conversation.build import ANN, ASIDE, BOB, message, talk


def received(log: Transcript, told_off: tuple[int, ...] = (), **reactions: tuple[str, ...]) -> tuple[Reception, ...]:
    return receptions(log, ASIDE.id, "Aside", reactions, frozenset(told_off))


def test_what_was_taken_up_liked_passed_over_or_told_off_is_told_apart() -> None:
    answered = Transcript((message(1, ASIDE), message(2, BOB, reply_to="m1")))
    assert received(answered) == ("answered",)
    assert received(talk(ASIDE, (ANN, "yes Aside, quite"))) == ("answered",)
    assert received(talk(ASIDE, ANN), m1=("🎉",)) == ("liked",)
    assert received(talk(ASIDE, ANN), m1=("🎉", "👎🏽")) == ("told_off",)
    assert received(talk(ASIDE, (ANN, "Aside, be quiet")), (2,)) == ("told_off",)
    assert received(talk(ASIDE, ANN, BOB, ANN, BOB)) == ("ignored",)


def test_it_is_too_early_to_tell_of_what_was_just_said() -> None:
    assert received(talk(ASIDE, ANN, BOB, ANN)) == ()
    assert received(talk((ASIDE, "one"), ANN, BOB, ANN, BOB, (ASIDE, "two"), (ANN, "aside: ok"))) == (
        "answered",
        "ignored",
    )


kinds: st.SearchStrategy[Reception] = st.sampled_from(sorted(WORTH))


@given(st.lists(kinds, max_size=40))
def test_the_bar_moves_within_its_bound_and_better_reception_never_raises_it(found: list[Reception]) -> None:
    points = shift(receptivity(found))
    assert -EASIER <= points <= HARDER
    assert shift(receptivity(["answered", *found])) <= shift(receptivity(["told_off", *found]))


def test_nothing_said_moves_nothing_and_one_answer_moves_it_little() -> None:
    assert receptivity([]) == 0.0
    assert -EASIER / 2 < shift(receptivity(["answered"])) < 0
    assert shift(receptivity(["told_off"] * 20)) == HARDER


def test_what_is_longer_ago_counts_less() -> None:
    assert receptivity(["answered", "ignored"]) > receptivity(["ignored", "answered"])


def test_a_question_after_questions_needs_more_and_telling_is_free() -> None:
    asked = moves(
        talk((ASIDE, "tea?"), ANN, (ASIDE, "or cake?"), ANN, (ASIDE, "It rains."), (ASIDE, "let's go")), ASIDE.id
    )
    assert asked == ("offers", "tells", "asks")
    assert repetition("Where to?", asked) == REPEATED
    assert repetition("Where to?", ["asks"] * MOVES) == pytest.approx(3 * REPEATED)
    assert repetition("It rains.", ["tells"] * MOVES) == 0.0
    assert (move("We could bake."), move("Nice rain")) == ("offers", "tells")


@pytest.mark.parametrize(
    "text",
    [
        "bye",
        "Goodbye everybody!",
        "ok good night",
        "gotta go, see you tomorrow",
        "Thanks, bye!",
        "I am off to bed",
        "tschüss!",
        "Gute Nacht zusammen",
        "bonne nuit",
        "hasta mañana",
        "ciao a tutti",
        "пока",
        "おやすみなさい",
        "晚安",
    ],
)
def test_a_goodbye_is_known_in_some_languages(text: str) -> None:
    assert goodbye(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "the night train was late",
        "when do you say goodbye?",
        "nobody said a word about the byelaws",
        "I told him that the long film that we saw last year was called goodbye",
        "see you what I mean",
    ],
)
def test_what_only_has_such_a_word_is_none(text: str) -> None:
    assert not goodbye(text)


@pytest.mark.parametrize(
    ("text", "quick", "is_hook"),
    [
        ("Sleep well, Ann!", True, False),
        ("Good night, and see you tomorrow.", False, False),
        ("I wonder what she will dream of.", True, True),
        ("What are you doing tomorrow?", True, True),
        ("The lake is warm in June.", False, True),
    ],
)
def test_a_hook_is_a_question_or_a_new_topic(text: str, quick: bool, is_hook: bool) -> None:
    assert hook(text, quick) is is_hook
