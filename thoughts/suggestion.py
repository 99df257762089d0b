"""What an agent would say, laid before its owner."""

from datetime import datetime, timedelta

LIFE = timedelta(minutes=10)
EVENTS = 8
"""Events of the room after which nobody would understand any more what it answers."""


def overtaken(seq: int, at: datetime, head: int, now: datetime) -> bool:
    """Whether the room has gone on since a suggestion was made (`seq` the room's last event then, `at` the time)."""
    return head - seq > EVENTS or now - at > LIFE
