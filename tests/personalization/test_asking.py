"""Laws of the value of information."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.asking import Question, best, value, value_of
from tests.personalization.build import chances

payoffs = st.lists(st.lists(st.floats(-1, 1), min_size=3, max_size=3), min_size=1, max_size=4)
rows = st.lists(chances(2), min_size=3, max_size=3).map(tuple)
REVEALING = Question("which", ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
GUESS = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
"""Naming the type pays 1."""


@given(chances(3), payoffs, rows)
def test_information_never_hurts_and_never_beats_knowing(
    belief: tuple[float, ...], payoff: list[list[float]], answers: tuple[tuple[float, ...], ...]
) -> None:
    worth = value_of(Question("q", answers), belief, payoff)
    assert 0 <= worth <= value_of(REVEALING, belief, payoff) + 1e-9


@given(chances(3), payoffs, chances(2))
def test_an_answer_that_all_types_give_alike_is_worth_nothing(
    belief: tuple[float, ...], payoff: list[list[float]], answer: tuple[float, ...]
) -> None:
    assert value_of(Question("q", (answer,) * 3), belief, payoff) == pytest.approx(0, abs=1e-9)


def test_what_would_change_nothing_is_not_worth_asking() -> None:
    same = ((0.5, 0.5, 0.5), (0.1, 0.1, 0.1))
    assert value_of(REVEALING, (0.4, 0.3, 0.3), same) == 0


def test_by_hand() -> None:
    belief = (0.5, 0.3, 0.2)
    assert value(belief, GUESS) == 0.5
    assert value_of(REVEALING, belief, GUESS) == pytest.approx(0.5)
    # "the first?" leaves 0.5 sure, and else the better of 0.3 and 0.2.
    first = Question("first", ((1.0, 0.0), (0.0, 1.0), (0.0, 1.0)))
    assert value_of(first, belief, GUESS) == pytest.approx(0.3)


def test_ask_the_best_while_it_exceeds_its_cost() -> None:
    belief = (0.5, 0.3, 0.2)
    last = Question("last", ((0.0, 1.0), (0.0, 1.0), (1.0, 0.0)))
    asked = best((last, REVEALING), belief, GUESS, cost=0.4)
    assert asked is not None
    assert asked.question == "which"
    assert asked.value == pytest.approx(0.5)
    assert best((last, REVEALING), belief, GUESS, cost=0.6) is None
    assert best((), belief, GUESS, cost=0.0) is None
