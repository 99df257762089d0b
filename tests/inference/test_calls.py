import pytest

from inference.calls import WATCHERS, Call, now, timed


def test_who_watches_is_told_how_a_call_went() -> None:
    told: list[Call] = []
    WATCHERS.append(told.append)
    try:
        before = now()
        with timed("complete") as call:
            call.begins()
        with pytest.raises(OSError, match="gone"), timed("stream"):
            raise OSError("gone")
    finally:
        WATCHERS.remove(told.append)
    first, second = told
    assert first.begun is not None
    assert before <= first.asked <= first.begun <= first.over
    assert (first.method, first.failed) == ("complete", False)
    assert (second.method, second.begun, second.failed) == ("stream", None, True)
