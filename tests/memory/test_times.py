from datetime import UTC, datetime

import pytest

from memory.times import Times, agree, times


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2 am", {2}),
        ("half past ten at night", {22}),
        ("ten in the morning", {10}),
        ("after nine in the evening", {21, 22, 23, 0, 1, 2, 3, 4}),
        ("before noon", set(range(5, 12))),
        ("at six", {6, 18}),
        ("on the ward until seven tomorrow morning", {21, 22, 23, *range(7)}),
        ("till 5 pm", set(range(5, 17))),
        ("until seven", set()),
        ("until the morning", {21, 22, 23, *range(5)}),
        ("until noon", set(range(5, 12))),
        ("in meetings until 11 am", set(range(5, 11))),
        ("at two this morning", {2}),
        ("I had two this morning already", set(range(5, 12))),
        ("I have two sisters", set()),
    ],
)
def test_hours_that_a_text_allows(text: str, hours: set[int]) -> None:
    assert times(text).hours == hours


def test_weekdays_and_months_that_a_text_names() -> None:
    assert times("at the weekend").weekdays == {5, 6}
    assert times("on Tuesdays, and Fridays too").weekdays == {1, 4}
    assert times("from November to March").months == {11, 12, 1, 2, 3}
    assert times("in May") == Times(months=frozenset({5}))
    assert not times("it may rain")


@pytest.mark.parametrize(
    ("scope", "moment", "found"),
    [
        ("on weekdays", "It's Tuesday.", 1),
        ("on weekdays", "It's Saturday at last.", -1),
        ("in winter", "What a hot July.", -1),
        ("on Sunday mornings", "It's Sunday, nine in the evening.", -1),
        ("on weekdays", "What shall I drink?", 0),
        ("at work", "It's Tuesday.", 0),
        ("at night", "On the ward until seven tomorrow morning.", 1),
        ("at night", "In meetings until 11 am.", -1),
    ],
)
def test_two_times_go_together_or_do_not(scope: str, moment: str, found: int) -> None:
    assert agree(times(scope), times(moment)) == found


def test_where_nobody_names_the_day_the_clock_does_and_of_hours_it_says_nothing() -> None:
    monday = datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert agree(times("on weekdays"), times("What shall I drink?"), monday) == 1
    assert agree(times("in summer"), times("What shall I drink?"), monday) == -1
    assert agree(times("before noon"), times("What shall I drink?"), monday) == 0
    assert agree(times("in winter"), times("Frost on the path."), monday) == 0
    assert agree(times("in winter"), times("It's March."), monday) == -1
    assert agree(times("on Mondays in winter"), times("What shall I drink?"), monday) == 0
    assert agree(times("on Sundays in winter"), times("What shall I drink?"), monday) == -1
    assert agree(times("from April to September"), times("What shall I drink?"), monday) == -1
    assert agree(times("in February"), times("What shall I drink?"), monday) == -1
