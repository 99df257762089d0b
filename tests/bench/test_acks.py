import pytest

from bench.acks import Measured, percentile, summary


@pytest.mark.parametrize(("share", "value"), [(0.5, 2.0), (0.75, 3.0), (0.76, 4.0), (0.99, 4.0), (0.01, 1.0)])
def test_percentiles_are_values_that_occurred(share: float, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == value


def test_the_result_is_in_milliseconds_and_says_how_much_was_thought() -> None:
    result = summary(Measured((0.001, 0.002, 0.0301), runs=7, thought=5, spoken=1), "tiny", 5.0, 60.0)
    assert result == {
        "bench": "acks",
        "p50_ms": 2.0,
        "p99_ms": 30.1,
        "max_ms": 30.1,
        "messages": 3,
        "runs": 7,
        "runs_with_model": 5,
        "spoken": 1,
        "model": "tiny",
        "rate": 5.0,
        "seconds": 60.0,
    }
