"""How well a number tells when somebody spoke."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.figures import Guess, auc, average_precision, counts, interval


def guesses(*rows: tuple[float, bool]) -> list[Guess]:
    return [Guess("chat", score, spoke, False) for score, spoke in rows]


RIGHT = guesses((0.9, True), (0.8, True), (0.2, False), (0.1, False))
WRONG = guesses((0.9, False), (0.8, False), (0.2, True), (0.1, True))
BLIND = guesses((0.5, True), (0.5, False), (0.5, False), (0.5, True))


def test_right_wrong_and_blind() -> None:
    assert [auc(g) for g in (RIGHT, WRONG, BLIND)] == [1.0, 0.0, 0.5]
    assert average_precision(RIGHT) == 1.0
    assert average_precision(BLIND) == 0.5
    assert average_precision(WRONG) == pytest.approx((1 / 3 + 2 / 4) / 2)


def test_where_all_spoke_there_is_nothing_to_tell() -> None:
    assert math.isnan(auc(guesses((0.1, True))))


def test_the_four_counts_at_the_bar_that_speaks_as_often() -> None:
    found = counts(guesses((0.9, True), (0.8, False), (0.3, True), (0.1, False)))
    assert (found.correct_speeches, found.false_alarms, found.missed_needs, found.correct_silences) == (0.25,) * 4
    assert found.balanced_accuracy == 0.5
    assert counts(RIGHT).balanced_accuracy == 1.0


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=50).filter(
        lambda r: {True, False} <= {y for _, y in r}
    )
)
def test_counts_are_parts_of_one_whole(rows: list[tuple[float, bool]]) -> None:
    c = counts(guesses(*rows))
    assert c.correct_speeches + c.false_alarms + c.missed_needs + c.correct_silences == pytest.approx(1)
    assert 0 <= c.balanced_accuracy <= 1


def test_the_interval_comes_from_chats_and_holds_the_figure() -> None:
    rows = [Guess(str(n % 5), (n * 7 % 11) / 11 + (n % 3 == 0), n % 3 == 0, False) for n in range(100)]
    low, high = interval(rows, auc, seed=0)
    assert low <= auc(rows) <= high
    assert interval(rows, auc, seed=0) == (low, high)


def test_one_chat_has_no_spread() -> None:
    assert interval(RIGHT, auc, seed=0) == (1.0, 1.0)


def test_where_nobody_spoke_there_is_no_balanced_accuracy() -> None:
    silent = counts([Guess("a", score, False, False) for score in (1.0, 2.0)])
    assert silent.balanced_accuracy != silent.balanced_accuracy
