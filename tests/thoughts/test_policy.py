from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heuristics.calibration import Bars, calibration_for
from tests.conversation.build import NOW
from thoughts.policy import Policy, QuietHours

CALIBRATION = calibration_for("default")


def clock(hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    return datetime(2026, month, 14, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "quiet"),
    [(clock(12), False), (clock(13), True), (clock(14, 59), True), (clock(15), False), (clock(3), False)],
)
def test_quiet_hours_begin_at_their_start_and_stop_at_their_end(now: datetime, quiet: bool) -> None:
    assert QuietHours(time(13), time(15), "UTC").holds(now) is quiet


@pytest.mark.parametrize(
    ("now", "quiet"),
    [(clock(21, 59), False), (clock(22), True), (clock(0), True), (clock(6, 59), True), (clock(7), False)],
)
def test_quiet_hours_run_over_midnight(now: datetime, quiet: bool) -> None:
    assert QuietHours(time(22), time(7), "UTC").holds(now) is quiet


def test_quiet_hours_follow_the_clock_of_their_zone() -> None:
    tokyo = QuietHours(time(22), time(7), "Asia/Tokyo")
    assert tokyo.holds(clock(13))  # 22:00 there
    assert not tokyo.holds(clock(22))  # 07:00 there


def test_quiet_hours_follow_summer_time() -> None:
    rome = QuietHours(time(22), time(7), "Europe/Rome")
    assert not rome.holds(clock(20, 30, month=1))  # 21:30
    assert rome.holds(clock(20, 30, month=7))  # 22:30


@given(start=st.times(), end=st.times(), now=st.times())
def test_the_hours_and_their_reverse_cover_the_day_once(start: time, end: time, now: time) -> None:
    if start != end:
        moment = datetime.combine(NOW.date(), now, UTC)
        assert QuietHours(start, end, "UTC").holds(moment) != QuietHours(end, start, "UTC").holds(moment)


def test_equal_ends_mean_never() -> None:
    assert not QuietHours(time(9), time(9), "UTC").holds(clock(9))


def test_bars_come_from_the_preset_unless_set() -> None:
    assert Policy(preset="chatty").bars(CALIBRATION) == CALIBRATION.presets["chatty"]
    own = Policy(preset="chatty", im_threshold=2.5, system1_prob=0.0).bars(CALIBRATION)
    chatty = CALIBRATION.presets["chatty"]
    assert own == Bars(2.5, chatty.interrupt_threshold, chatty.allocated_threshold, 0.0)


def test_a_mute_holds_until_its_end() -> None:
    until = Policy(mute_until=NOW)
    assert until.muted(NOW - timedelta(seconds=1))
    assert not until.muted(NOW)
    assert not Policy().muted(NOW)


def test_what_was_learned_moves_the_bars_of_what_nobody_asked_for_within_the_scale() -> None:
    own = Policy(im_threshold=3.0, interrupt_threshold=4.8, allocated_threshold=2.0, system1_prob=0.0, bar_offset=0.5)
    assert own.bars(calibration_for("default")) == Bars(3.5, 5.0, 2.0, 0.0)
