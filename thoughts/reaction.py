"""When a thought is only a nod: the reaction that says it, and how often that may be."""

import re

APART = 5
"""Messages by others at least between two reactions of an agent: more is noise."""
NOD = "👍"

_WORDS = (
    r"agree|see|like|love|think\s+so|ok(?:ay)?|yes|yep|yeah|nice|great|cool|thanks|thank\s+you|good|same|true|right|haha+|lol|"
    r"sorry|congrats|congratulations|well\s+done|awesome|perfect|exactly|indeed"
)
_ACKNOWLEDGEMENT = re.compile(
    rf"^(?:I(?:['’]m)?\s+)?(?:(?:so|really|totally|fully|quite)\s+)?(?:{_WORDS})"
    r"(?:[\s,!.]+(?:with|that|this|it|you|too|so|much|good|one|idea|job|point|cool|nice|great|to|hear|for))*[\s!.]*$",
    re.IGNORECASE,
)
_FACES = (
    (re.compile(r"\b(?:thanks|thank)\b", re.IGNORECASE), "🙏"),
    (re.compile(r"\b(?:haha+|lol)\b", re.IGNORECASE), "😄"),
    (re.compile(r"\b(?:congrats|congratulations|well\s+done)\b", re.IGNORECASE), "🎉"),
    (re.compile(r"\bsorry\b", re.IGNORECASE), "😔"),
    (re.compile(r"\b(?:love|like)\b", re.IGNORECASE), "❤️"),
)


def reaction(thought: str) -> str | None:
    """The emoji that says all of `thought`, out of a few; None where it says more than a nod."""
    if _ACKNOWLEDGEMENT.match(thought) is None:
        return None
    return next((face for word, face in _FACES if word.search(thought)), NOD)
