"""A choice that somebody puts to whom they write to: what they tell of how things are, and the two things they waver between.

English, and by form alone: "It's raining. Bus or bike?", "should I wear the black or the red shirt to work?"."""

import re
from dataclasses import dataclass

_ENDS = re.compile(r"(?<=[.!?…])\s+")
_WISH = re.compile(
    r"^(?:(?:so|and|now|well),? )?(?:should|shall|do|would|could|can|must|may) (?:i|we)(?: (?:better|rather))? ",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"^(?P<told>.+[,:;–—])\s+(?P<choice>[^,:;–—]+ or [^,:;–—]+)$", re.IGNORECASE)
_OR = re.compile(r"^(?P<first>\S.*?),? or (?P<second>\S.*)$", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?P<verb>(?:\w+ )?)(?P<article>a|an|the|my|our) (?P<rest>.+)$", re.IGNORECASE)
_STATES = frozenset(
    ("on", "off", "in", "out", "up", "down", "open", "shut", "closed", "loud", "silent", "high", "low", "fast", "slow")
)
LONGEST = 8
"""Words of one of the two."""
_TOLD = 3
"""Words before a comma that tell something; fewer are the first of three things: "tea, coffee or juice?"."""
_NOTHING = frozenset(("not", "no", "what", "so", "both", "neither"))


@dataclass(frozen=True, slots=True)
class Alternatives:
    """`told`: what is said beside the choice, "" where nothing is."""

    told: str
    first: str
    second: str


def alternatives(text: str, called: str = "") -> Alternatives | None:
    """None where `text` does not end with a choice between two things. `called`: whose name it may begin with."""
    plain = " ".join(text.split())
    if called:
        plain = re.sub(rf"^\W*{re.escape(called)}\W+", "", plain, flags=re.IGNORECASE)
    if not plain.endswith("?"):
        return None
    *before, last = _ENDS.split(plain)
    choice = last.rstrip("?").strip()
    told = " ".join(before)
    if (between := _BETWEEN.match(choice)) is not None:
        part = between["told"].rstrip(",:;–— ")
        if len(part.split()) < _TOLD:
            return None
        told, choice = f"{told} {part}.".strip(), between["choice"]
    found = _OR.match(_WISH.sub("", choice))
    if found is None or re.search(r"\bor\b", found["second"], re.IGNORECASE):
        return None
    first, second = found["first"].strip(), found["second"].strip()
    if (first.casefold(), second.casefold()) == ("all", "nothing"):
        return None
    if not all(0 < len(one.split()) <= LONGEST for one in (first, second)) or second.casefold() in _NOTHING:
        return None
    first, second = _whole(first, second)
    return Alternatives(told[:1].upper() + told[1:], first, second)


def _whole(first: str, second: str) -> tuple[str, str]:
    """What the two have in common is said once: "shoes off or on", "wear the black or the red shirt"."""
    words = first.split()
    if len(words) > 1 and words[-1].casefold() in _STATES and second.casefold() in _STATES:
        return first, " ".join((*words[:-1], second))
    one, other = _ARTICLE.match(first), _ARTICLE.match(second)
    if one is None or other is None or other["verb"]:
        return first, second
    rest, full = one["rest"], other["rest"].split()
    if " " not in rest and len(full) > 1:
        rest = " ".join((rest, *full[1:]))
    return f"{one['verb']}{one['article']} {rest}", f"{one['verb']}{second}"
