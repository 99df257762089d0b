"""What a statement is a value of: two of one slot cannot both hold now, and the newer one closes the older."""

import re
from collections.abc import Callable

SAME = 0.9
"""Cosine from which two statements of one person say the same, whatever the rules see in them."""

_POLARITY = re.compile(r"\b(?:not|n't|no longer|never|hate|dislike|can'?t stand|stopped|quit)\b|n'?t\b", re.IGNORECASE)
_FILLER_WORDS = (
    "a an the my our to of in on at for and or any some more much very really quite so too all it is are was "
    "were i we now still just these those this that anymore any longer lot lots best most eating drinking "
    "playing"
)
_FILLER = frozenset(_FILLER_WORDS.split())


def _thing(text: str) -> str:
    words = [w for w in re.findall(r"[\w']+", text.casefold()) if w not in _FILLER]
    return " ".join(w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith("ss") else w for w in words[:3])


def _fixed(name: str) -> Callable[[re.Match[str]], str]:
    return lambda found: name


def _of(name: str) -> Callable[[re.Match[str]], str]:
    return lambda found: f"{name}: {_thing(found.group('thing'))}"


_PEOPLE = (
    "mother|mum|mom|father|dad|parents?|sister|brother|siblings?|wife|husband|partner|girlfriend|boyfriend|son|daughter|"
    "kids?|child|children|friends?|boss|colleagues?|uncle|aunt|cousin|grand\\w+|dog|cat|team|neighbou?rs?"
)
"""Of whom many things hold at once."""

_SLOTS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), _of(name) if "(?P<thing>" in pattern else _fixed(name), name)
    for pattern, name in (
        (
            r"\bI(?:'m| am)? (?:now |currently |just |still )*(?:live|living|moved|based|am based)\b.*?\b(?:in|to|near)\b",
            "home",
        ),
        (r"\bI(?:'ve| have) (?:just |now )?moved to\b", "home"),
        (
            r"\bI(?:'m| am)? (?:now |currently |just |still )*(?:work|working|started (?:working )?)\b.*?\b(?:at|as|for|in)\b",
            "work",
        ),
        (r"\bI(?:'m| am) (?:now )?retired\b", "work"),
        (r"\bmy (?:new )?(?:job|employer|work)\b", "work"),
        (r"\b(?:call me|my name is)\b", "name"),
        (r"\bI(?:'m| am)(?: now)? \d+\b", "age"),
        (r"\bI(?:'m| am)(?: not| no longer| now)* (?:an? )?(?:vegan|vegetarian|pescatarian)\b", "diet"),
        (r"\bI (?:now )?(?:eat|don'?t eat|stopped eating|quit) (?:meat|fish)\b", "diet"),
        (r"\bI(?:'m| am)(?: not| no longer| now)* (?:married|single|divorced|engaged)\b", "partner"),
        (r"\bmy (?:\w+ )?favou?rite (?P<thing>[\w ]{2,30}?) (?:is|are|was|were)\b", "favourite"),
        (
            rf"\bmy (?!(?:\w+ )?(?:{_PEOPLE})\b)(?P<thing>[\w' ]{{2,30}}?) "
            r"(?:is|are|was|were|starts|leaves|ends|opens|begins)(?:n'?t)?\b",
            "my",
        ),
        (r"\bI(?:'m| am) (?:now |currently |still )*(?P<thing>learning|reading) ", "doing"),
        (
            r"\bI (?:really |absolutely |still |also |just |do not |don'?t |no longer |never )*"
            r"(?:like|love|hate|enjoy|dislike|adore|can'?t stand|cannot stand)(?: to)? (?P<thing>[\w' -]+)",
            "taste",
        ),
        (
            r"\bI (?:stopped|quit|gave up|no longer) (?:liking |drinking |eating |playing )?(?P<thing>[\w' -]+)",
            "taste",
        ),
        (r"\bI (?:now )?(?P<thing>drive|own|speak|play|study|teach) ", "do"),
    )
)


_PATTERNS: dict[str, tuple[re.Pattern[str], ...]] = {
    name: tuple(pattern for pattern, _, of in _SLOTS if of == name) for name in {of for _, _, of in _SLOTS}
}


def slot(sentence: str) -> str | None:
    """The slot that the rules see, such as `home` or `favourite: colour`; None where they see none."""
    for pattern, naming, _ in _SLOTS:
        if (found := pattern.search(sentence)) is not None:
            return naming(found)
    return None


def same_slot(newer: str, older: str) -> bool:
    """Whether the rules take both for values of one slot."""
    return of_slot(slot(newer), older)


def of_slot(mine: str | None, older: str) -> bool:
    """Whether `older` is a value of slot `mine` too. Somebody may own, speak or play several things: there only a negation of the
    same thing closes."""
    if mine is None or mine.startswith("do: "):
        return False
    name, _, thing = mine.partition(": ")
    text = older.casefold()
    if not all(word in text for word in thing.split()):
        return False
    # The patterns of this slot alone first: few texts match one, and the order among all patterns is looked at for those.
    return any(pattern.search(older) for pattern in _PATTERNS.get(name, ())) and slot(older) == mine


def opposed(newer: str, older: str) -> bool:
    """Whether one denies and the other does not: near statements that are opposed are no repetition."""
    return bool(_POLARITY.search(newer)) != bool(_POLARITY.search(older))
