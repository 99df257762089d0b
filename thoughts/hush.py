"""What a member says in the room to make an agent quiet, or to let it talk again. Rules, asked before any model: who wants
silence should not have to wait for a thought."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from conversation.member import Member
from conversation.message import Message
from conversation.transcript import Transcript
from thoughts.addressing import addressee
from thoughts.spans import length, moment, next_time

USUAL = timedelta(hours=1)
"""How long "be quiet" lasts where nobody says."""
LONGEST = timedelta(days=7)
A_WHILE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Hush:
    """`agents`: ids of those who are meant. `until` (UTC): when they may talk again; None lets them talk at once."""

    agents: tuple[str, ...]
    until: datetime | None


def hush(
    message: Message, members: Sequence[Member], transcript: Transcript, zone: str, quiet: frozenset[str] = frozenset()
) -> Hush | None:
    """None where `message` is nothing of the kind. It counts from the time of the message. `zone`: IANA name, for "until
    six". `quiet`: agents that are to be quiet now. Only people are obeyed, and only where it is plain who is meant: an agent
    called by name or answered, agents as such ("quiet, bots"), or the only agent when the words leave no doubt."""
    agents = {m.id: m.name for m in members if m.role == "agent"}
    if message.author.kind != "human" or not agents or len(message.text) > 200:
        return None
    called = addressee(message, members, transcript)
    if called is not None and called not in agents:
        return None
    wish = _wish(_bare(message.text, agents.values()), message.at, zone)
    if wish is None or (message.text.rstrip().endswith("?") and not _ASKS.search(message.text)):
        return None
    named = tuple(
        a for a, name in agents.items() if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", message.text, re.IGNORECASE)
    )
    meant = (called,) if called is not None else named or _meant(wish, message.text, tuple(agents), quiet)
    return Hush(meant, wish.until) if meant else None


@dataclass(frozen=True, slots=True)
class _Wish:
    """`timed`: it was said for how long."""

    until: datetime | None
    timed: bool


def _meant(wish: _Wish, text: str, agents: tuple[str, ...], quiet: frozenset[str]) -> tuple[str, ...]:
    if _ALL.search(text):
        return agents
    if len(agents) > 1:
        return ()
    plain = wish.timed or _ONE.search(text) is not None or (wish.until is None and agents[0] in quiet)
    return agents if plain else ()


_ALL = re.compile(r"\b(?:bots|agents|assistants)\b", re.IGNORECASE)
_ONE = re.compile(r"\b(?:bot|agent|assistant)\b", re.IGNORECASE)
_ASKS = re.compile(r"\b(?:can|could|would|will)\s+you\b", re.IGNORECASE)
_KINDS = r"(?:(?:all\s+(?:of\s+)?)?(?:you\s+|the\s+)?(?:bots?|agents?|assistants?))"
_POLITE = (
    r"(?:hey|hi|hello|ok|okay|so|and|but|now|please|pls|plz|just|sorry|thanks|thank\s+you|thx|for\s+me|"
    r"(?:can|could|would|will)\s+you|you\s+(?:should|must|need\s+to)|you|then|guys|everyone)"
)
_QUIET = re.compile(
    r"(?:(?:be|stay|keep|go|remain)\s+(?:more\s+)?(?:quiet|silent|still|mute)|quiet(?:\s+down)?|silence|hush|shush|sh+|mute(?:\s+yourself)?|"
    r"shut\s+(?:up|it)|pipe\s+down|zip\s+it|hold\s+your\s+(?:tongue|peace)|"
    r"(?:stop|quit|no\s+more)\s+(?:talking|chatting|chattering|posting|writing|speaking|interrupting|messages|messaging)|"
    r"(?:do\s+not|don['’]?t)\s+(?:talk|speak|post|write|chat|interrupt|say\s+(?:anything|a\s+word|a\s+thing))(?:\s+any\s*more)?|"
    r"say\s+nothing(?:\s+more)?|(?:take|have)\s+a\s+break|give\s+it\s+a\s+rest|"
    r"(?:give|leave)\s+us\s+(?:some|a\s+bit\s+of|a\s+little|in)\s+(?:quiet|silence|peace)(?:\s+and\s+quiet)?)(?!\w)"
)
_TALK = re.compile(
    r"(?:(?:can|may)\s+(?:talk|speak|chat|write|post|join\s+in|come\s+back)(?:\s+(?:again|now))+|"
    r"(?:talk|speak|join\s+in)\s+again|(?:feel\s+)?free\s+to\s+(?:talk|speak|chat)(?:\s+(?:again|now))*|"
    r"are\s+(?:free|allowed)\s+to\s+(?:talk|speak|chat)(?:\s+(?:again|now))*|(?:un-?mute|un-?hush)(?:\s+yourself)?|"
    r"(?:don['’]?t|do\s+not|no)\s+(?:have\s+to|need\s+to|longer\s+have\s+to)\s+(?:be|stay|keep)\s+(?:quiet|silent)(?:\s+any\s*(?:more|longer))?|"
    r"come\s+back(?:\s+(?:again|now))?)"
)


def _bare(text: str, names: Iterable[str]) -> str:
    """`text` without names, greetings and pleasantries at either end, in small letters."""
    called = "|".join(re.escape(n.strip().casefold()) for n in sorted(names, key=len, reverse=True) if n.strip())
    filler = rf"(?:@?(?:{called})|{_KINDS}|{_POLITE})" if called else rf"(?:{_KINDS}|{_POLITE})"
    bare, before = " ".join(text.casefold().split()), None
    while bare != before:
        before = bare
        bare = bare.strip(" ,.!;:–—-?)(…")
        bare = re.sub(rf"^{filler}(?=[\s,.!;:?–—-]|$)", "", bare)
        bare = re.sub(rf"(?:^|(?<=[\s,.!;:–—-])){filler}$", "", bare)
    return bare


def _wish(bare: str, at: datetime, zone: str) -> _Wish | None:
    if _TALK.fullmatch(bare):
        return _Wish(None, timed=False)
    core = _QUIET.match(bare)
    if core is None:
        return None
    rest = bare[core.end() :].strip(" ,.!")
    if not rest:
        return _Wish(at + USUAL, timed=False)
    until = _until(rest, at, zone)
    return None if until is None or until <= at else _Wish(min(until, at + LONGEST), timed=True)


# -- how long ----------------------------------------------------------------------------------------------------------


def _until(words: str, at: datetime, zone: str) -> datetime | None:
    if (long := length(re.sub(r"^for\s+", "", words))) is not None:
        return at + min(long, LONGEST)
    if re.fullmatch(r"for\s+(?:a\s+)?(?:bit|while|moment|little(?:\s+while)?|now)|a\s+(?:bit|while|moment)|now", words):
        return at + A_WHILE
    here = at.astimezone(ZoneInfo(zone))
    if re.fullmatch(
        r"(?:for\s+)?(?:the\s+)?rest\s+of\s+the\s+(?:day|evening|night)|today|tonight|for\s+(?:today|tonight)", words
    ):
        return next_time(here, time(0))
    end = re.fullmatch(r"(?:un)?till?\s+(.+)", words)
    return None if end is None else moment(end[1], here)
