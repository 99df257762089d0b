"""How long, and until when, people say: "half an hour", "6:30 tonight". English; pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

MORNING = time(8)
"""When a morning begins for whoever says no hour."""

_WORDS = {
    word: n
    for n, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=1
    )
}
_COUNTS: dict[str, float] = {
    "a": 1, "an": 1, **_WORDS, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty five": 45, "sixty": 60,
    "ninety": 90, "half a": 0.5, "half an": 0.5, "a couple of": 2, "a couple": 2, "a few": 3, "the next": 1,
}  # fmt: skip
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_COUNT = "|".join(sorted(_COUNTS, key=len, reverse=True))
_LENGTH = (
    rf"(?:(?P<n>\d+(?:[.,]\d+)?)\s*|(?P<w>{_COUNT})\s+)"
    r"(?P<u>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)(?P<half>\s+and\s+a\s+half)?"
)
_CLOCK = (
    rf"(?P<half>half\s+past\s+)?(?:(?P<h>\d{{1,2}})(?:[:.h](?P<m>\d{{2}}))?|(?P<w>{'|'.join(_WORDS)}))"
    r"(?:\s*o['’]?clock)?\s*(?P<ap>[ap]\.?m\.?)?(?:\s+(?P<part>in\s+the\s+(?:morning|afternoon|evening)|tonight|today|tomorrow))?"
)


def _unnamed(pattern: str) -> str:
    return re.sub(r"\?P<\w+>", "?:", pattern)


LENGTH, CLOCK = rf"{_unnamed(_LENGTH)}\b", _unnamed(_CLOCK)
"""Patterns of what `length` and `clock` understand, to be sought in small letters."""


def length(words: str) -> timedelta | None:
    """Of "20 minutes", "half an hour", "the next two days"; None for what is none."""
    found = re.fullmatch(rf"(?:the\s+next\s+)?{_LENGTH}", words)
    if found is None:
        return None
    count = float(found["n"].replace(",", ".")) if found["n"] else _COUNTS[found["w"]]
    return timedelta(seconds=min((count + 0.5 * bool(found["half"])) * _UNITS[found["u"][0]], 1e9))


@dataclass(frozen=True, slots=True)
class Clock:
    """`hours`: those that are meant, one or two; `part`: of the day or the day, as it was said."""

    hours: tuple[int, ...]
    minute: int
    part: str


def clock(words: str) -> Clock | None:
    """Of "half past six", "18:00", "6 pm". An hour without am or pm may be either; written as 18:00 or 06:30 it is plain."""
    found = re.fullmatch(_CLOCK, words)
    if found is None:
        return None
    hour = int(found["h"]) if found["h"] else _WORDS[found["w"]]
    minute = 30 if found["half"] else int(found["m"] or 0)
    if hour > 24 or minute > 59:
        return None
    part = found["part"] or ""
    late = (found["ap"] or "").startswith("p") or re.search(r"afternoon|evening|tonight", part)
    early = (found["ap"] or "").startswith("a") or "morning" in part
    if late or early:
        return Clock((hour % 12 + (12 if late else 0),), minute, part)
    if hour == 0 or hour > 12 or (found["m"] and found["h"].startswith("0")):
        return Clock((hour % 24,), minute, part)
    return Clock((hour % 12, hour % 12 + 12), minute, part)


def moment(words: str, here: datetime) -> datetime | None:
    """The next time (UTC) after `here`, in its zone, that is "noon", "tomorrow morning" or what a clock shows. Of two hours the
    one that comes first."""
    if re.fullmatch(r"tomorrow(?:\s+morning)?|(?:the\s+)?morning", words):
        tomorrow = here + timedelta(days=0 if "tomorrow" not in words and here.time() < MORNING else 1)
        return tomorrow.replace(hour=MORNING.hour, minute=0, second=0, microsecond=0).astimezone(UTC)
    if words in ("noon", "midday", "midnight"):
        return next_time(here, time(0) if words == "midnight" else time(12))
    if (shown := clock(words)) is None:
        return None
    if shown.part == "tomorrow":
        here = here.replace(hour=23, minute=59)
    return min(next_time(here, time(h, shown.minute)) for h in shown.hours)


def next_time(here: datetime, shown: time) -> datetime:
    """The first time after `here` that a clock beside it shows `shown`, in UTC."""
    day = here.replace(hour=shown.hour, minute=shown.minute, second=0, microsecond=0)
    return (day if day > here else day + timedelta(days=1)).astimezone(UTC)
