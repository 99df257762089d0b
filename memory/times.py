"""Which weekdays, months and hours a text names, and whether two texts can be of one time. English."""

import re
from dataclasses import dataclass
from datetime import datetime

_DAYS = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = "|".join(m for m in _MONTHS if m != "may")
_WEEK, _WEEKEND = frozenset(range(5)), frozenset((5, 6))
_SEASONS: tuple[tuple[str, tuple[int, ...]], ...] = (
    (r"\bwinters?\b|\bsnow(?:s|ing|ed|y)?\b|\bfreezing\b", (12, 1, 2)),
    (r"\bsprings?(?:time)?\b(?! (?:roll|onion|water|clean))", (3, 4, 5)),
    (r"\bsummers?\b|\bheat ?wave\b", (6, 7, 8)),
    (r"\bautumns?\b", (9, 10, 11)),
    (r"\bchristmas\b|\bxmas\b|\badvent\b|\bnew year'?s eve\b", (12,)),
    (r"\bhalloween\b", (10,)),
)
"""Of the northern half of the earth, as most who write English there have them."""
_LONG = frozenset(frozenset(months) for _, months in _SEASONS if len(months) > 1)
_HOURS: tuple[tuple[str, tuple[int, int]], ...] = (
    (r"\bbreakfast\b|\bdawn\b|\bsunrise\b|\bwak(?:e|es|ing) up\b|\bgot up\b|\bgetting up\b", (5, 10)),
    (r"\bmornings?\b", (5, 12)),
    (r"\blunch(?:es|time| ?break)?\b|\bnoon\b|\bmidday\b", (11, 15)),
    (r"\bafternoons?\b", (12, 18)),
    (r"\bevenings?\b|\bdinner\b|\bsupper\b|\bafter work\b", (17, 24)),
    (r"\btonight\b", (17, 29)),
    (r"\bnights?\b|\bmidnight\b|\bbedtime\b", (21, 29)),
)
"""From, until: hours after the midnight before."""
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_CLOCK = re.compile(
    rf"\b(?:(?P<half>half past|quarter past|quarter to) )?(?P<hour>\d{{1,2}}|{'|'.join(_NUMBERS)})(?::(?P<minute>\d\d))?"
    r"(?: ?(?P<half_day>[ap])\.?m\b\.?|(?P<clock> o'clock)?"
    r"(?: (?:(?P<day>in the|tomorrow|this) (?P<part>morning|afternoon|evening)|at (?P<night>night)))?)",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\b(?:after|past|from|since)\s+$", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:before|until|till)\s+$", re.IGNORECASE)
_UNTIL = re.compile(r"\b(?:until|till)\s+(?:the |tomorrow )?$", re.IGNORECASE)
_LATE, _EARLY = 21, 8
"""Hour from which what goes on until an early one may have begun; and the last such one."""


@dataclass(frozen=True, slots=True)
class Times:
    """Weekdays 0–6 from Monday, months 1–12, hours 0–23; empty where nothing is said of them."""

    weekdays: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.weekdays or self.months or self.hours)


def times(text: str) -> Times:
    plain = text.replace("’", "'").casefold()
    return Times(_weekdays(plain), _months(plain), _hours(plain))


def agree(scope: Times, moment: Times, now: datetime | None = None) -> int:
    """1 where what both say of the time goes together, -1 where it does not, 0 where one of them says nothing. Of weekday and
    month `now` tells where `moment` is silent, but not at the edge of a season: frost keeps to no calendar. Of the hour it does
    not, as nobody said where they live."""
    said = [(scope.hours, moment.hours)]
    said.append((scope.weekdays, moment.weekdays or (frozenset({now.weekday()}) if now else frozenset())))
    said.append((scope.months, moment.months or (frozenset({now.month}) if now else frozenset())))
    both = [bool(a & b) for a, b in said if a and b]
    if all(both):
        return 1 if both else 0
    edge = now is not None and not moment.months and _beside(scope.months, now.month)
    return 0 if edge and both.count(False) == 1 else -1


def _beside(months: frozenset[int], month: int) -> bool:
    """Whether `months` are a season, and `month` is the one before or after."""
    return months in _LONG and month not in months and bool({month % 12 + 1, (month - 2) % 12 + 1} & months)


def _weekdays(text: str) -> frozenset[int]:
    found = {n for n, day in enumerate(_DAYS) if re.search(rf"\b{day}days?\b", text)}
    if re.search(r"\bweek-?ends?\b", text):
        found |= _WEEKEND
    if re.search(r"\bweek-?days?\b|\bworking days?\b|\bduring the week\b|\bwork ?days?\b", text):
        found |= _WEEK
    return frozenset(found)


def _months(text: str) -> frozenset[int]:
    around = re.search(rf"\bfrom (?P<a>{_MONTH}|may) (?:to|until|till|through) (?P<b>{_MONTH}|may)\b", text)
    if around is not None:
        first, last = _MONTHS.index(around["a"]), _MONTHS.index(around["b"])
        return frozenset((first + n) % 12 + 1 for n in range((last - first) % 12 + 1))
    found = {n for n, month in enumerate(_MONTHS, 1) if month != "may" and re.search(rf"\b{month}\b", text)}
    if re.search(r"\b(?:in|of|this|next|last|since|until|mid-?|early|late|\d(?:st|nd|rd|th)?) ?may\b", text):
        found.add(5)
    for pattern, months in _SEASONS:
        if re.search(pattern, text):
            found.update(months)
    return frozenset(found)


def _hours(text: str) -> frozenset[int]:
    found: set[int] = set()
    for match in _CLOCK.finditer(text):
        found |= _of_clock(match, text)
    if found:
        return frozenset(found)
    for pattern, (first, last) in _HOURS:
        if (named := re.search(pattern, text)) is not None:
            before = text[: named.start()]
            if first <= _EARLY and _UNTIL.search(before):
                found |= _until(first)
            else:
                found |= {h % 24 for h in (range(5, first + 1) if _BEFORE.search(before) else range(first, last))}
    return frozenset(found)


def _until(end: int) -> set[int]:
    return {*range(_LATE, 24), *range(end)} if end <= _EARLY else set(range(5, end))


def _of_clock(match: re.Match[str], text: str) -> set[int]:
    """Hours that a time of the clock allows; none where it is only a number."""
    word = match["hour"]
    hour = int(word) if word.isdigit() else _NUMBERS.index(word) + 1
    before = text[: match.start()]
    tied = bool(re.search(r"\b(?:at|by|past|after|before|until|till|around)\s+$", before)) and match["half_day"] is None
    told = any(match[g] for g in ("half", "minute", "half_day", "clock", "night")) or match["day"] == "in the"
    if hour > 24 or not (told or (tied and re.match(r"\W|$", text[match.end() :]))):
        return set()
    if match["half_day"] == "p" or match["part"] in ("afternoon", "evening"):
        hours = {hour % 12 + 12}
    elif match["half_day"] == "a" or match["part"] == "morning":
        hours = {hour % 12}
    elif match["night"] is not None:
        hours = {hour % 12 if hour in (12, *range(1, 6)) else hour % 12 + 12}
    else:
        hours = {hour % 24} if hour > 12 or match["minute"] else {hour % 12, hour % 12 + 12}
    if _AFTER.search(before):
        return {h % 24 for start in hours for h in range(start, max(start + 1, 29))} if len(hours) == 1 else hours
    if _UNTIL.search(before):
        return _until(*hours) if len(hours) == 1 else set()
    if _BEFORE.search(before):
        return {h for end in hours for h in range(5, end)} if len(hours) == 1 else hours
    return hours
