"""What somebody asks an agent to wake up for: "remind us at six to leave". Rules, in English, asked before any model: a promise
is kept by the clock, not by a thought. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from thoughts.spans import CLOCK, LENGTH, MORNING, clock, length, moment, next_time

FARTHEST = timedelta(days=366)
"""Ahead of which nothing is promised."""
WORDS = 300
"""Characters of a message that can ask for it: in a longer one the word is about something else."""
_EVENING, _AFTERNOON = time(19), time(15)
_EARLY = 7
"""Hours before this are not meant by "tomorrow at three"."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = rf"(?:(?:on\s+|this\s+|next\s+|the\s+)?(?:{'|'.join(_DAYS)}|day\s+after\s+tomorrow)|today|tomorrow|tonight)"
_PART = r"(?:(?:in\s+the\s+|this\s+)?(?:morning|afternoon|evening)|at\s+night)"
_AT = rf"(?:(?:at|by|around)\s+(?:noon|midday|midnight|{CLOCK}))"
_WHEN = (
    rf"(?:(?:in|after)\s+{LENGTH}(?:\s+from\s+now)?|{_DAY}(?:\s+{_PART})?(?:\s+{_AT})?|{_PART}(?:\s+{_AT})?|"
    rf"{_AT}(?:\s+{_DAY})?(?:\s+{_PART})?)"
)
_ASKS = re.compile(
    r"\b(?:remind|wake|ping|nudge|poke)\s+(?P<whom>me|us|everyone|everybody|all\s+of\s+us)\b", re.IGNORECASE
)
_NOT_ASKED = re.compile(
    r"\b(?:(?:do\s*n['’]?t|do\s+not|never|did|does)\s+(?:you\s+|that\s+|it\s+)?(?:ever\s+)?|that\s+|which\s+|it\s+)$",
    re.IGNORECASE,
)
_UNLESS = re.compile(
    r"[\s,]*\b(?:if\s+(?:nobody|no\s*one|no-one)|unless\s+(?:somebody|someone|anybody|anyone))\s+"
    r"(?:(?:has|have|had)\s+)?(?:answer(?:s|ed)?|repl(?:y|ies|ied)|respond(?:s|ed)?|wr(?:ites|ote|itten)|says?|said)"
    r"(?:\s+(?:anything|something|until\s+then|by\s+then|before|yet))?",
    re.IGNORECASE,
)
_FIRST = re.compile(rf"^[\s,]*(?P<when>{_WHEN})(?=[\s,.!?;:]|$)", re.IGNORECASE)
_LINK = re.compile(
    r"^[\s,:;–—-]*(?:(?:to|that|about|of|because|when|it['’]?s\s+time\s+(?:to|for))\b)?[\s,:;–—-]*", re.IGNORECASE
)
_POLITE = r"(?:please|pls|plz|thanks|thank\s+you|thx|ok(?:ay)?|(?:will|could|can)\s+you)?"
_TAIL = re.compile(rf"[\s,]*{_POLITE}[\s,.!?;:]*$", re.IGNORECASE)
_LAST = re.compile(rf"(?:^|[\s,])(?P<when>{_WHEN})$", re.IGNORECASE)
_CANCELS = re.compile(
    r"\b(?:cancel|forget(?:\s+about)?|drop|stop|scrap|delete|remove|never\s*mind|no\s+need\s+for)\s+(?:about\s+)?"
    r"(?:(?:the|that|this|my|our|all|all\s+my|those|any)\s+)?reminders?\b|"
    r"\b(?:do\s*n['’]?t|do\s+not|no\s+need\s+to|need\s+not)\s+remind\s+(?:me|us)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reminder:
    """`due` (UTC): when. `what`: in the words of who asked, "" where they said nothing. `whom`: for them, or for everybody.
    `unanswered`: only if nobody else has written by then."""

    due: datetime
    what: str
    whom: Literal["me", "us"]
    unanswered: bool


def reminder(text: str, at: datetime, zone: str, names: tuple[str, ...] = ()) -> Reminder | None:
    """None where `text`, said `at`, asks for no reminder, or for none that lies ahead within a year. `zone`: IANA name, of the
    hours that are said; `names`: of agents, which are no part of what is to be said."""
    asks = _ASKS.search(text)
    if asks is None or len(text) > WORDS or _NOT_ASKED.search(text[: asks.start()]):
        return None
    rest = text[asks.end() :]
    for name in sorted(names, key=len, reverse=True):
        rest = re.sub(rf"[\s,]*@?(?<!\w){re.escape(name)}(?!\w)[\s.!?]*$", "", rest, flags=re.IGNORECASE)
    unless = _UNLESS.search(rest)
    if unless is not None:
        rest = rest[: unless.start()] + rest[unless.end() :]
    when = _FIRST.search(rest) or _LAST.search(_TAIL.sub("", rest))
    if when is None:
        return None
    due = _due(" ".join(when["when"].casefold().split()), at, zone)
    if due is None or not at < due <= at + FARTHEST:
        return None
    left = rest[when.end() :] if when.re is _FIRST else rest[: when.start()]
    what = _TAIL.sub("", _LINK.sub("", left, count=1)).strip(" \n\t\"“”'")
    return Reminder(due, " ".join(what.split()), "me" if asks["whom"].casefold() == "me" else "us", unless is not None)


def cancels(text: str) -> bool:
    """Whether `text` takes back what was asked for."""
    return len(text) <= WORDS and _CANCELS.search(text) is not None


def _due(when: str, at: datetime, zone: str) -> datetime | None:
    """`when`: as _WHEN has it, in small letters."""
    if (ahead := re.fullmatch(r"(?:in|after)\s+(.+?)(?:\s+from\s+now)?", when)) is not None and (
        long := length(ahead[1])
    ) is not None:
        return at + long
    here = at.astimezone(ZoneInfo(zone))
    day, part, hour = (
        re.search(_DAY, when),
        re.search(_PART, when),
        re.search(r"(?:at|by|around)\s+(.+)", _without_day(when)),
    )
    if day is None and part is None:
        return None if hour is None else moment(hour[1], here)
    ahead_days = _days_ahead("" if day is None else day[0], here)
    start = (here + timedelta(days=ahead_days)).replace(hour=0, minute=0, second=0, microsecond=0)
    shown = _shown("" if hour is None else hour[1], when)
    found = [start.replace(hour=t.hour, minute=t.minute).astimezone(UTC) for t in shown]
    if day is None and part is not None and shown:
        return next_time(here, shown[0])
    return next((f for f in found if f > at), None)


def _without_day(when: str) -> str:
    return " ".join(re.sub(rf"\b{_DAY}|{_PART}", " ", when).split())


def _days_ahead(day: str, here: datetime) -> int:
    if "after tomorrow" in day:
        return 2
    if "tomorrow" in day:
        return 1
    for number, name in enumerate(_DAYS):
        if name in day:
            return (number - here.weekday() - 1) % 7 + 1
    return 0


def _shown(hour: str, when: str) -> tuple[time, ...]:
    """The times of that day that may be meant, the likelier first: as it is said, or what its part stands for."""
    late = re.search(r"afternoon|evening|tonight|at\s+night", when) is not None
    if not hour:
        return (_AFTERNOON if "afternoon" in when else _EVENING if late else MORNING,)
    if hour in ("noon", "midday", "midnight"):
        return (time(0 if hour == "midnight" else 12),)
    if (said := clock(hour)) is None:
        return ()
    if late or "morning" in when:
        hours = [h for h in said.hours if (h >= 12) == late] or list(said.hours)
    else:
        hours = sorted(said.hours, key=lambda h: (h < _EARLY, h))
    return tuple(time(h, said.minute) for h in hours)
