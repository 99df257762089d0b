"""What in a message may be worth keeping: sentences, and the rules that know some of them without a model.

The rules are English. They know what people say of themselves in the first person; what they say of the world they do not judge.
"""

import re

from memory.item import ItemKind
from memory.scope import Scope, scope

SHORTEST, LONGEST = 8, 240
"""Characters of a sentence that is looked at."""
MOST = 8
"""Sentences of one message that are looked at: a pasted page is no memory."""

_ENDS = re.compile(r"(?<=[.!?…])\s+|[\r\n]+|;\s+(?!\s|(?i:he|she|they|it|this|that)\b)")
_JOINS = re.compile(r",?\s+(?:and|but)\s+(?=(?:I|my)\b)", re.IGNORECASE)
_NARROWS = re.compile(
    r"\b(?:if|when|whenever|unless|because|since|although|while|only|during|before|after|so|except)\b"
    r"|^(?:at|on|in|for|with)\b",
    re.IGNORECASE,
)
"""Words by which one clause may hang on another."""
_NAMES = re.compile(r"\b(?:my|our|an?|the|his|her|their) \w+|(?<=\w )[A-Z][a-z]+")
"""Words by which a sentence names somebody or something that the next one may tell of."""
_REFERS = re.compile(
    r"^(?:and |but )?(?:"
    r"(?:he|she|it)(?:'s| is) (?:called|named|an?|the|my|our|\d+|from|allergic|vegan|vegetarian|married|retired|left-handed)\b|"
    r"(?:he|she) (?:also |only |never |always )?(?:lives|works|has|likes|loves|hates|plays|studies|speaks|eats|drinks|teaches|"
    r"drives|goes|wants|needs|runs|can(?:'t|not)?|doesn't|does not)\b|(?:his|her|its) [\w ]{2,30}? (?:is|are)\b)",
    re.IGNORECASE,
)
"""How a sentence begins that tells something lasting of whoever was named before it."""
_ASKED = re.compile(
    r"^\s*(?:@?\w+[,:]\s*)?(?:please\s+)?(?:remember|keep in mind|don'?t forget|note)(?:\s+that|:|,)\s*", re.IGNORECASE
)
_CONTRADICTS = re.compile(
    r"^\s*(?:no|nope|well|oh)(?:,\s*(?:no|well|actually|sorry))?,\s+(?=(?:I|my|we|our)\b)", re.IGNORECASE
)
"""How somebody begins who puts something right: it is no part of what they say."""
_TASTES = (
    r"(?:really |absolutely |actually |still |also |just |don'?t |do not |no longer |never )*"
    r"(?:like|love|hate|prefer|enjoy|dislike|adore|can'?t stand|cannot stand)"
)
_PREFERENCE = (
    rf"\b(?:I|we) {_TASTES}\b",
    r"\bmy (?:\w+ )?favou?rite\b",
    r"\bI(?:'d| would) (?:rather|prefer)\b",
    r"\b(?:please )?(?:don'?t )?call me\b",
    r"\bI(?:'m| am) (?:not )?(?:a fan of|into|fond of)\b",
)
_FACT = (
    r"\bI(?:'m| am) (?:not |now |also )?(?:an?|the|from|allergic|vegan|vegetarian|married|divorced|"
    r"engaged|pregnant|retired|left-handed|\d+)\b",
    r"\bI(?:'ve| have)? (?:now |currently |just |still |no longer |don'?t |do not )*"
    r"(?:live|lived|work|worked|study|studied|teach|own|drive|speak|play|grew up|moved to|was born|"
    r"am based|have (?:an?|two|three|four|\d+|no))\b",
    r"\bmy (?!favou?rite)[\w' -]{2,40}? (?:is|are|was|were)(?:n'?t)? \w+",
    r"\bI(?:'ve| have) (?:an?|two|three|four|\d+) \w+",
    r"\bI(?:'m| am) (?:now |currently |still )*(?:learning|reading|studying|training|writing|building)\b",
    r"\bI(?:'ve| have)? (?:just |now )?started (?:working|learning|studying|living)\b",
    r"\bmy (?!favou?rite)[\w' -]{2,40}? (?:starts|leaves|ends|opens|begins)\b",
)
_EVENT = (
    r"\b(?:I|we|my \w+)(?:'ve| have)? (?:just |finally |also )?(?:went|visited|bought|sold|met|finished|"
    r"started|broke|lost|won|saw|passed|"
    r"failed|got|had|quit|ran|made|took|flew|drove|booked|signed|adopted|married|celebrated|hosted|cooked|"
    r"built|wrote|gave|been to)\b",
)
_PLAN = (
    r"\bI(?:'m| am) planning\b",
    r"\bI (?:plan|intend|want) to (?:quit|move|leave|marry|buy|sell|learn|study|start|stop|become|visit)\b",
)
_CLAIM = (
    r"\bI (?:always |still |really )?(?:say|believe|claim|think|was told|heard|learned|read) that\b",
    r"\bI(?:'m| am) (?:sure|certain|convinced) that\b",
)
_OWN = re.compile(
    r"\b(?:I|we)(?: |'m )(?:only |always |never |usually |mostly |often |just |can |can't |cannot |don'?t |do not )*"
    r"(?!(?:am|was|were|will|would|could|should|might|may|have|had|did|went|saw|met|think|guess|mean|know|hope|see|"
    r"suggest|agree|wonder|believe|want|need|get|got|find|notice|try|run into|have to)\b)[a-z]+\b"
    r"|\b(?:my|our) \w+(?: \w+)? (?:is|are|stays?|gets?|goes|go|\w+s)\b|^(?:please|call me|nobody|no)\b",
    re.IGNORECASE,
)
_OURS = re.compile(r"\b(?:me|my|our|us)\b", re.IGNORECASE)
_ONCE = re.compile(
    r"\b(?:was|were|had|did|yesterday|today|tomorrow|tonight|just now|right now|this (?:morning|afternoon|evening|week)|ago|"
    r"(?:I|we|he|she|they|it) (?!(?:need|feed|speed|bleed)\b)\w{2,}ed)\b",
    re.IGNORECASE,
)
_AGREED = re.compile(
    r", (?:as )?we (?:all )?(?:agreed|promised)(?: (?:on|to) (?:it|that))?(?: [\w ]{1,20})?\W*$", re.IGNORECASE
)
_PASSING = re.compile(
    r"\bI(?:'m| am) (?:just |so |very |really |a bit |a little )*(?:bit|little|tired|hungry|sure(?! that)|sorry|"
    r"here|back|fine|ok|okay|going|late)\b"
    r"|\b(?:I|we) (?:had|got|have) (?:to|a (?:question|second|minute|feeling|look)|it|that|no idea)\b"
    r"|\bI(?:'d| would)? like (?:to|that|this|it|your)\b|\bwould like\b|\bI love (?:it|that|this|you)\b|"
    r"\bmy (?:bad|fault|point|turn)\b",
    re.IGNORECASE,
)


def sentences(text: str) -> tuple[str, ...]:
    """Those that state something, as they were written; no questions. Where "and" joins two things that one says of oneself,
    they come apart: when one of them changes, the other still holds. "She's called Luna" comes with the sentence before it,
    which says who that is."""
    found: list[str] = []
    before = ""
    for one in _ENDS.split(text):
        plain = " ".join(_CONTRADICTS.sub("", _ASKED.sub("", one)).split())
        refers = _REFERS.match(plain) is not None and _NAMES.search(before) is not None
        whole = f"{before} {plain}" if refers and len(before) + len(plain) < LONGEST else plain
        if SHORTEST <= len(plain) <= LONGEST and not plain.endswith("?") and any(c.isalpha() for c in plain):
            found += [whole] if whole != plain else _apart(plain)
        before = before if refers else plain
    return tuple(found[:MOST])


def _apart(sentence: str) -> list[str]:
    """Its clauses, if each stands by itself and none narrows the others; else the sentence."""
    clauses = _JOINS.split(sentence)
    if (
        len(clauses) > 1
        and not _NARROWS.search(sentence)
        and all(kind_of(c) in ("fact", "preference") for c in clauses)
    ):
        return clauses
    return [sentence]


def kind_of(sentence: str) -> ItemKind | None:
    """What the rules take the sentence for; None where they see nothing to keep."""
    found = scope(sentence)
    # "When I have to concentrate …" is no duty of the moment.
    if _PASSING.search(found.rest if found is not None and found.firm else sentence):
        return None
    for kind, patterns in _RULES:
        if any(re.search(pattern, sentence, re.IGNORECASE) for pattern in patterns):
            return kind
    return "preference" if found is not None and _habit(sentence, found) else None


def _habit(sentence: str, found: Scope) -> bool:
    """What holds only at some times or with some people, however it is put: the whole sentence is kept, and its scope with it."""
    if _ONCE.search(_AGREED.sub("", sentence)) is not None:
        return False
    return _OWN.search(found.rest) is not None or (found.firm and _OURS.search(sentence) is not None)


_RULES: tuple[tuple[ItemKind, tuple[str, ...]], ...] = (
    ("preference", _PREFERENCE),
    ("fact", _FACT),
    ("event", (*_EVENT, *_PLAN)),
    ("claim", _CLAIM),
)

_CORRECTS = re.compile(
    r"^\W*(?:no[,.]|(?:actually|not quite|not really|that(?:'s| is) (?:not|wrong|a myth)|that isn'?t|in fact|"
    r"i don'?t think (?:that'?s|so)|"
    r"careful|small correction|correction)\b)",
    re.IGNORECASE,
)


def corrects(answer: str) -> bool:
    """Whether an agent's answer opens as a correction does."""
    return _CORRECTS.search(answer) is not None
