"""How long people say, and until when."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from thoughts.spans import clock, length, moment, next_time

HERE = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "minutes"),
    [("20 minutes", 20), ("an hour", 60), ("half an hour", 30), ("1.5 h", 90), ("two hours and a half", 150),
     ("the next 3 days", 4320)],
)  # fmt: skip
def test_lengths(words: str, minutes: float) -> None:
    assert length(words) == timedelta(minutes=minutes)


def test_what_is_no_length_is_none_and_the_longest_is_still_one() -> None:
    assert length("a fortnight") is None
    assert length("for an hour") is None
    assert length(f"{'9' * 30} weeks") == timedelta(seconds=1e9)


@pytest.mark.parametrize(
    ("words", "hours", "minute"),
    [("6", (6, 18), 0), ("six", (6, 18), 0), ("6 pm", (18,), 0), ("18:05", (18,), 5), ("06:30", (6,), 30),
     ("half past six", (6, 18), 30), ("12", (0, 12), 0), ("9 in the evening", (21,), 0)],
)  # fmt: skip
def test_clocks(words: str, hours: tuple[int, ...], minute: int) -> None:
    shown = clock(words)
    assert shown is not None
    assert (shown.hours, shown.minute) == (hours, minute)


def test_what_no_clock_shows() -> None:
    assert clock("25") is None
    assert clock("7:61") is None
    assert clock("noonish") is None
    assert moment("noonish", HERE) is None


def test_the_next_time_is_in_its_zone() -> None:
    berlin = HERE.astimezone(ZoneInfo("Europe/Berlin"))
    assert next_time(berlin, time(15)) == datetime(2026, 1, 6, 14, 0, tzinfo=UTC)
    assert next_time(berlin, time(16)) == datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
    assert moment("midnight", berlin) == datetime(2026, 1, 5, 23, 0, tzinfo=UTC)
    assert moment("tomorrow", HERE) == datetime(2026, 1, 6, 8, 0, tzinfo=UTC)
