"""What an agent keeps in mind of the person it speaks to: a short dated text from items, each sentence with the items that
it came from (PLUS, arXiv 2507.13579: text carries over to new topics, and stays readable).

A fold over items that the room may hear, made anew each time: what is erased or closed is not in it. What the person wrote
themselves wins over all of it."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from inference.prompt import one_line

MOST_TOKENS = 256
LONGEST = 160
"""Characters of one sentence."""
_PIECE = re.compile(r"[^\W\d_]+|\d|[^\w\s]|_")
_ORDER = ("preference", "fact", "claim", "event")
"""What a person prefers tells more of how to speak with them than what happened (PRIME, arXiv 2507.04607)."""


class Noted(Protocol):
    """An item of memory: what the person said, in their words."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Sentence:
    """`items`: ids of what it came from; none where the person wrote it."""

    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """Of what was known `at`. `by`: who wrote it."""

    sentences: tuple[Sentence, ...]
    at: datetime
    by: Literal["items", "person"]

    @property
    def text(self) -> str:
        """At most MOST_TOKENS tokens with its date; "" where nothing is known."""
        said = " ".join(s.text for s in self.sentences)
        return f"{_dated(self.at.date())} {said}" if said else ""


def _dated(day: date) -> str:
    return f"(As of {day:%Y-%m-%d}.)"


def tokens(text: str) -> int:
    """No fewer than a byte-pair tokeniser makes of ordinary text: a word of ASCII letters costs one token for each three letters
    or part of them, and any other letter, each digit and each mark counts by its bytes."""
    return sum(_cost(piece) for piece in _PIECE.findall(text))


def _cost(piece: str) -> int:
    return math.ceil(len(piece) / 3) if piece.isascii() else len(piece.encode())


def summarised(name: str, items: Iterable[Noted], at: datetime, budget: int = MOST_TOKENS) -> Summary:
    """From the items that fit into `budget` tokens: preferences first, the newest of each kind first. `items`: of the person
    `name`, those that hold and that the room may hear; corrections of agents are left out."""
    ranked = sorted(
        (i for i in items if i.kind in _ORDER), key=lambda i: (_ORDER.index(i.kind), -i.at.timestamp(), i.id)
    )
    left = budget - tokens(_dated(at.date()))
    sentences: list[Sentence] = []
    said: dict[str, int] = {}
    for item in ranked:
        key = one_line(item.text).casefold()
        if key in said:  # said before two audiences: one sentence, both sources
            place = said[key]
            sentences[place] = Sentence(sentences[place].text, (*sentences[place].items, item.id))
            continue
        sentence = Sentence(_sentence(name, item), (item.id,))
        if (cost := tokens(sentence.text)) > left:
            continue
        left -= cost
        said[key] = len(sentences)
        sentences.append(sentence)
    return Summary(tuple(sentences), at, "items")


def _sentence(name: str, item: Noted) -> str:
    """In the person's own words: nothing that they did not say can come in."""
    said = one_line(item.text)
    said = said if len(said) <= LONGEST else said[: LONGEST - 1].rstrip() + "…"
    verb = "claimed" if item.kind == "claim" else "said"
    when = f" on {item.at:%Y-%m-%d}" if item.kind == "event" else ""
    return f"{one_line(name)} {verb}{when}: “{said.rstrip('.')}”."


class TooLongError(ValueError):
    """A summary that somebody wrote themselves and that has more than MOST_TOKENS tokens."""

    def __init__(self, found: int) -> None:
        super().__init__(f"a summary has at most {MOST_TOKENS} tokens, and this one about {found}")
        self.found = found


def written(text: str, at: datetime) -> Summary:
    """The person's own. Empty text is a summary too: nothing is to be said. Raises TooLongError."""
    plain = one_line(text)
    if (found := tokens(plain) + tokens(_dated(at.date()))) > MOST_TOKENS:
        raise TooLongError(found)
    return Summary((Sentence(plain),) if plain else (), at, "person")


@dataclass(frozen=True, slots=True)
class Edit:
    """What the person wrote of themselves, and before whom it may be used; None: everybody."""

    text: str
    at: datetime
    audience: frozenset[str] | None


def in_force(
    name: str, edits: Sequence[Edit], items: Iterable[Noted], present: frozenset[str], at: datetime
) -> Summary | None:
    """The summary for a room: the newest edit that `present` may hear; else, where the person wrote one for others only, none,
    for what is inferred must not say again what they took out; else the one from items."""
    usable = [e for e in edits if e.audience is None or (present and e.audience >= present)]
    if usable:
        newest = max(usable, key=lambda e: e.at)
        return written(newest.text, newest.at)
    return None if edits else summarised(name, items, at)
