import math
from typing import Any

import pytest

from inference.answers import Answer, Place, from_text, from_tokens, read_answer

near: Any = pytest.approx


def place(token: str, **likely: float) -> Place:
    return Place(token, tuple((t.replace("_", " "), math.log(p)) for t, p in likely.items()))


def test_digits_at_the_first_place() -> None:
    read = from_tokens(
        [Place("4", (("4", math.log(0.5)), (" 4", math.log(0.1)), ("3", math.log(0.2)), ("x", -1.0)))], "12345"
    )
    assert read is not None
    assert read[1] == pytest.approx(0.8)
    assert read[0] == pytest.approx((0, 0, 0.25, 0.75, 0))


def test_a_token_with_more_than_the_option_counts_for_it() -> None:
    read = from_tokens([Place("4.", (("4.", math.log(0.5)), ("45", math.log(0.3))))], ["4", "5"])
    assert read is not None
    assert read[0] == (1.0, 0.0)
    assert read[1] == pytest.approx(0.5)


def test_a_blank_first_leaves_it_to_the_next_place() -> None:
    read = from_tokens([place(" ", _=0.9, a=0.1), place("b", b=0.5, a=0.5)], ["a", "b"])
    assert read is not None
    assert read[0] == pytest.approx((0.55, 0.45))
    assert read[1] == pytest.approx(1.0)


def test_names_that_start_alike_are_told_apart_further_on() -> None:
    read = from_tokens([place("An", An=0.8, Bob=0.2), place("dy", dy=0.75, n=0.25)], ["Ann", "Andy", "Bob"])
    assert read is not None
    assert read[0] == pytest.approx((0.2, 0.6, 0.2))


def test_an_option_that_begins_another_can_be_the_whole_answer() -> None:
    read = from_tokens([place("Bob", Bob=0.9, Ann=0.1)], ["Ann", "Bob", "Bob Smith"])
    assert read is not None
    assert read[0] == pytest.approx((0.1, 0.9, 0))


def test_an_ambiguous_token_that_was_not_generated_is_shared() -> None:
    read = from_tokens([place("Bob", Bob=0.6, An=0.4)], ["Ann", "Andy", "Bob"])
    assert read is not None
    assert read[0] == pytest.approx((0.2, 0.2, 0.6))


def test_no_option_among_the_tokens() -> None:
    assert from_tokens([place("Well", Well=0.9)], ["1", "2"]) is None
    assert from_tokens([], ["1", "2"]) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [("4", 3), ("I would say 2.", 1), ("Rating: 5/5", 4), ("15 or 3", 2)],
)
def test_the_first_option_in_the_words(text: str, named: int) -> None:
    shares, mass = from_text(text, "12345")
    assert mass == 1.0
    assert shares[named] == pytest.approx(0.9)
    assert sum(shares) == pytest.approx(1)


def test_the_longer_of_two_that_start_at_one_place() -> None:
    assert from_text("bob smith, I think", ["Bob", "Bob Smith"])[0] == pytest.approx((0.1, 0.9))


def test_words_without_an_option() -> None:
    assert from_text("no idea", ["1", "2"]) == ((0.5, 0.5), 0.0)
    assert from_text("1", ["1"]) == ((1.0,), 1.0)


def test_an_answer_says_how_it_was_read() -> None:
    likely = [place("4", **{"4": 0.5, "3": 0.5})]
    assert read_answer("4", likely, "34") == Answer((near(0.5), near(0.5)), near(1), "logprobs")
    assert read_answer("4", [], "34").method == "written"
    assert read_answer("4", [Place("4", (("4", -0.1),))], "34") == Answer(near((0.1, 0.9)), 1.0, "written")
    assert read_answer("Well, 4", [place("Well", Well=0.9, So=0.1)], "34").method == "written"
    assert read_answer("Well", [place("Well", Well=0.9, So=0.1)], "34") == Answer((0.5, 0.5), 0.0, "logprobs")
