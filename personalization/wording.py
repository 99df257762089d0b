"""How a question is put: in the words of the schema or in others that ask the same, so that asking again is in other words.
Pure."""

import re
import zlib
from collections.abc import Iterable

from personalization.features import words
from personalization.space import Dimension
from personalization.special import special

LONGEST = 18
"""Words of a question."""
ALIKE = 0.7
"""Part of the words of the shorter question beyond which two are the same in other clothes."""
_EITHER = re.compile(r"\bor\b", re.IGNORECASE)
_OPEN = re.compile(r"^(?:how|what|which)\b", re.IGNORECASE)
_EVER = re.compile(r"\bever\b", re.IGNORECASE)
_OPENING = re.compile(r"^(?:tell me,|could you tell me (?:if|whether|how))\s*", re.IGNORECASE)
_PERSON = re.compile(r"\b(?:(i|me|myself)|(you|yourself)|(we|us|ourselves))\b", re.IGNORECASE)


def put(dimension: Dimension, before: int, who: str = "") -> str:
    """The question, to somebody who was asked it `before` times: in other words each time, until there are no others. People
    begin with different ones; `who` "" begins with the schema's own."""
    ways = (dimension.ask, *dimension.again)
    start = zlib.crc32(f"{who}/{dimension.name}".encode()) if who else 0
    return ways[(start + before) % len(ways)]


def reworded(candidate: str, ask: str, taken: Iterable[str]) -> str | None:
    """`candidate` as a question in other words than `ask` and each of `taken`, or None where its form alone rules it out: it is
    not one short question, asks openly or for one of two where `ask` does not (or the other way round), is of other persons,
    touches on a special category, or is nearly one of the others. Whether it means the same is for a model to say
    (`training/wording.py`)."""
    text = candidate.strip().strip("\"'“”*`").strip()
    if not re.fullmatch(r"[A-Z][^?!.:;\n\"“”()\[\]{}<>*_]*\?", text) or not 3 <= len(words(text)) <= LONGEST:
        return None
    bare = _OPENING.sub("", text)
    kinds = (_EITHER, _OPEN, _EVER)
    if any(bool(kind.search(bare)) != bool(kind.search(ask)) for kind in kinds) or _persons(bare) != _persons(ask):
        return None
    if special(text) and not special(ask):
        return None
    return None if any(alike(text, other) > ALIKE for other in (ask, *taken)) else text


def _persons(text: str) -> tuple[int, ...]:
    """Who does something to whom: first, second person, we, in order, nobody twice in a row. "If I ask you" is not "if you ask
    me"."""
    found = [m.lastindex or 0 for m in _PERSON.finditer(text)]
    return tuple(p for p, before in zip(found, [0, *found], strict=False) if p != before)


def alike(one: str, other: str) -> float:
    """Part of the words of the one that has fewer that are in the other too."""
    own, others = set(words(one)), set(words(other))
    return len(own & others) / max(1, min(len(own), len(others)))
