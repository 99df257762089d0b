"""Whether a text is about something, or says again what another said, by its words."""

import re

NEAR = 0.5
"""Cosine (MiniLM) from which a statement is about a topic that is named in a few words."""
ECHO = 0.6
"""Part of a text's telling words that another must have to be taken for saying it again."""

_COMMON_WORDS = (
    "a about am an and are as at be but by can did do does for from had has have he her him his i i'd i'll i'm "
    "i've if in is it its just me my no not of on or our out she so some than that the their them then there "
    "they this to too up us was we were what when where which who why will with would you your"
)
_COMMON = frozenset(_COMMON_WORDS.split())


def telling(text: str) -> frozenset[str]:
    """The words that say what it is about."""
    return frozenset(re.findall(r"[\w']+", text.casefold())) - _COMMON


def about(text: str, topic: str) -> bool:
    """Whether all telling words of `topic` are in `text`."""
    wanted = telling(topic)
    return bool(wanted) and wanted <= telling(text)


def echoes(text: str, said: str) -> bool:
    """Whether `text` says what `said` said: most of its telling words, and one of them rarer than three letters."""
    wanted = telling(said)
    shared = wanted & telling(text)
    return any(len(word) > 3 for word in shared) and len(shared) >= ECHO * len(wanted)
