import logging

import pytest

from inference.edge import edge
from inference.protocol import ModelError


def test_what_the_work_raises_is_kept_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with edge("a pass over 3 jobs") as kept:
        raise RuntimeError("shapes do not fit")
    assert repr(kept.error) == "RuntimeError('shapes do not fit')"
    assert [r.getMessage() for r in caplog.records] == ["a pass over 3 jobs failed"]


def test_what_was_meant_is_kept_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), edge("a job") as kept:
        raise ModelError("too long")
    assert str(kept.error) == "too long"
    assert not caplog.records


def test_nothing_raised_is_no_error_and_an_interrupt_goes_through() -> None:
    with edge("a job") as kept:
        pass
    assert kept.error is None
    with pytest.raises(KeyboardInterrupt), edge("a job"):
        raise KeyboardInterrupt
