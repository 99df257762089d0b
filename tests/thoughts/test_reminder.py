"""What asks an agent to wake up later, for when, and what only looks like it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoughts.reminder import FARTHEST, Reminder, cancels, reminder

AT = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
"""A Monday."""


def asked(text: str, zone: str = "UTC") -> Reminder | None:
    return reminder(text, AT, zone, ("Mika",))


@pytest.mark.parametrize(
    ("text", "due", "what"),
    [
        ("Mika, remind me in 20 minutes to take the bread out", "05 14:50", "take the bread out"),
        ("remind us at six to leave, Mika", "05 18:00", "leave"),
        ("@Mika remind me to call Bob tomorrow at 9", "06 09:00", "call Bob"),
        ("Mika, could you remind me tomorrow that the rent is due?", "06 08:00", "the rent is due"),
        ("remind everyone on Friday at 15:00 about the demo", "09 15:00", "the demo"),
        ("ping me in half an hour", "05 15:00", ""),
        ("wake me in an hour and a half please", "05 16:00", ""),
        ("Remind me tonight to water the plants", "05 19:00", "water the plants"),
        ("remind me in the morning", "06 08:00", ""),
        ("remind me on Monday", "12 08:00", ""),
        ("remind me at 3pm on Tuesday to send the mail", "06 15:00", "send the mail"),
        ("remind me next Wednesday evening to run", "07 19:00", "run"),
        ("Mika, remind me at noon to eat", "06 12:00", "eat"),
        ("remind me tomorrow at 3 to nap", "06 15:00", "nap"),
        ("remind me today at 9", "05 21:00", ""),
        ("remind me about the talk at 14:00 tomorrow", "06 14:00", "the talk"),
        ("remind me by midnight: submit", "06 00:00", "submit"),
        ("remind me the day after tomorrow to pay", "07 08:00", "pay"),
        ("remind me this afternoon to ring Ann", "05 15:00", "ring Ann"),
    ],
)
def test_when_and_what(text: str, due: str, what: str) -> None:
    found = asked(text)
    assert found is not None
    assert (f"{found.due:%d %H:%M}", found.what) == (due, what)
    assert found.due.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["That reminds me of you", "You remind me of Bob", "don't remind me tomorrow", "remind me to buy milk at the shop",
     "remind me in 3 years", "remind me in 5", "did he remind you at 9?", "remind me", "remind me at 25:00",
     "remind me in 0 minutes", "remind me in 20 minutes to read " + "x" * 300],
)  # fmt: skip
def test_what_asks_for_nothing(text: str) -> None:
    assert asked(text) is None


def test_for_whom_and_on_what_condition() -> None:
    one, other = (
        asked("remind me in 2 hours if nobody answers"),
        asked("ping us in 10 min unless someone replied, to vote"),
    )
    assert one is not None
    assert other is not None
    assert (one.whom, one.unanswered, one.what) == ("me", True, "")
    assert (other.whom, other.unanswered, other.what) == ("us", True, "vote")


def test_hours_are_those_of_the_zone() -> None:
    found = asked("remind me at 18:00", "America/New_York")
    assert found is not None
    assert found.due == datetime(2026, 1, 5, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "back"),
    [("cancel the reminder", True), ("Mika, never mind my reminders", True), ("don't remind me", True),
     ("thanks for the reminder", False), ("stop the build", False)],
)  # fmt: skip
def test_what_takes_it_back(text: str, back: bool) -> None:
    assert cancels(text) == back


@given(st.text(max_size=80))
def test_whatever_is_said_it_lies_ahead_within_a_year(rest: str) -> None:
    found = asked(f"remind me {rest}")
    assert found is None or timedelta(0) < found.due - AT <= FARTHEST
