"""When a suggestion is out of date."""

from datetime import timedelta

import pytest

from tests.conversation.build import NOW
from thoughts.suggestion import EVENTS, LIFE, overtaken


@pytest.mark.parametrize(
    ("events", "later", "gone"),
    [
        (0, timedelta(0), False),
        (EVENTS, LIFE, False),
        (EVENTS + 1, timedelta(0), True),
        (0, LIFE + timedelta(seconds=1), True),
    ],
)
def test_it_lives_for_some_events_and_some_minutes(events: int, later: timedelta, gone: bool) -> None:
    assert overtaken(5, NOW, 5 + events, NOW + later) is gone
