"""Token buckets."""

import pytest

from app.errors import TooMany
from app.rates import _MANY, FRAMES, MESSAGES, Bucket, Limit, Meter, full, take

LIMIT = Limit(rate=2, burst=3)


def test_a_burst_then_the_rate() -> None:
    bucket: Bucket | None = full(LIMIT, 10.0)
    for left in (2, 1, 0):
        assert bucket is not None
        bucket = take(bucket, LIMIT, 10.0)
        assert bucket == Bucket(left, 10.0)
    assert bucket is not None
    assert take(bucket, LIMIT, 10.4) is None
    assert take(bucket, LIMIT, 10.5) == Bucket(0, 10.5)


def test_a_rest_fills_it_no_further_than_the_burst() -> None:
    bucket = take(full(LIMIT, 0.0), LIMIT, 1000.0)
    assert bucket == Bucket(2.0, 1000.0)


def taken(limit: Limit, times: list[float]) -> int:
    bucket, count = full(limit, times[0]), 0
    for now in times:
        after = take(bucket, limit, now)
        if after is not None:
            bucket, count = after, count + 1
    return count


def test_five_messages_a_second_for_a_minute_all_pass_even_with_jitter() -> None:
    assert taken(MESSAGES, [i / 5 for i in range(300)]) == 300
    assert taken(MESSAGES, [i / 5 + (0.9 if i % 7 == 0 else 0) for i in range(300)]) == 300


def test_a_flood_is_held_to_burst_and_rate() -> None:
    assert taken(MESSAGES, [i / 100 for i in range(1000)]) <= MESSAGES.burst + 10 * MESSAGES.rate
    assert taken(FRAMES, [0.0] * 500) == FRAMES.burst == 100


def test_a_meter_counts_each_apart_and_forgets_the_rested() -> None:
    meter, limit = Meter(), Limit(rate=1, burst=2)
    for who in ("ann", "bob"):
        meter.take("things", who, limit, 0.0)
        meter.take("things", who, limit, 0.0)
        with pytest.raises(TooMany, match="at most 1 things a second, 2 at once"):
            meter.take("things", who, limit, 0.0)
    meter.take("others", "ann", limit, 0.0)
    meter.take("things", "ann", limit, 1.0)
    for i in range(_MANY + 1):
        meter.take("things", str(i), limit, 10.0 + i)
    assert len(meter._buckets) < 10
