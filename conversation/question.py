"""What a message asks for, told from its words: a fact of the world, a verdict, or something of the people in the talk.

English, by short lists; what they do not know counts as `other`. conversation/asked.py reads that once more."""

import re
from collections.abc import Sequence
from typing import Literal

Asking = Literal["factual", "judging", "personal", "other"]
"""`factual`: as true for one person as for another. `judging`: a side is to be taken, or is claimed. `personal`: the answer
depends on somebody in the talk. `other`: nothing is asked."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?:{p})" for p in patterns), re.IGNORECASE)


_TAG = "(?:is|are|was|were|does|do|did|ca|wo|has|have|would|should)n't"
_BLAME = "right|wrong|correct|to blame|in the wrong"
_MORAL = "ok|okay|fair|fine|wrong|right|immoral|unethical|ethical|acceptable|rude|selfish|justified|better|worse|stupid"
_WORTH = "better|worse|overrated|underrated|immoral|unethical|ethical|wrong|stupid|evil|justified"

_SELF = _any(r"\b(?:i|i'(?:m|ve|d|ll)|me|my|mine|myself|we|we'(?:re|ve|ll|d)|us|our|ours|ourselves)\b")
_VERDICT = _any(
    rf"\b(?:am i|are we|was i|were we|is (?:he|she|it|that|this)|are they|who(?: is|'s)) (?:\w+ )?(?:{_BLAME})\b",
    r"\b(?:do|don't|would|wouldn't|surely) you (?:\w+ )?(?:agree|think|say|believe)\b",
    r"\bagree(?: with me)?\?",
    r"\bback me up\b|\bon my side\b|\bsupport me\b|\btake (?:my|a) side\b|\bsettle (?:this|it)\b",
    r"\bi(?:'m| am| was) (?:\w+ )?(?:right|correct)\b(?!-| (?:here|now|behind|beside|next|by|at|in|on|outside|hand))",
    r"\bwhat do you think (?:of|about)\b|\bwhat's your (?:view|opinion|take)\b",
    rf"\b(?:is|was|would) it (?:\w+ )?(?:{_MORAL})\b",
    rf"\bis (?:\w+ ){{1,8}}(?:{_WORTH}) ?(?:than .+)?\?",
    r"\bshould (?:people|we all|everyone|everybody|nobody|they|governments?|countries|companies|schools|parents)\b",
    r"\b(?:true|false|right|correct|no|agreed|yes),? ?(?:or (?:not|what))?\?\s*$",
    rf"\b{_TAG} (?:it|they|he|she|that|this|there|we|you)\?",
)
_CLAIM = _any(
    r"\bi (?:\w+ )?(?:think|believe|know|say|said|am sure|am convinced|maintain|insist|bet|reckon|read|heard|learned)\b",
    r"\bi (?:\w+ )?told \w+ that\b",
    r"\bi'm (?:\w+ )?(?:sure|certain|convinced|positive)\b",
    r"\bin my (?:opinion|view)\b|\bif you ask me\b|\bevery(?:body|one) knows\b|\bas a matter of fact\b|\badmit (?:it|that)\b",
    r"\bit's (?:obvious|clear|well known)\b|\bthe truth is\b|\bof course\b|\bobviously\b|\bclearly\b|\bfact is\b",
)
_WISH = _any(
    r"\b(?:recommend|suggest|remind me|for me)\b",
    r"\b(?:what|where|which|when|how) (?:\w+ )?(?:should|could|can) i\b",
    r"\b(?:should|can|could|shall|have|did|do) i\b|\bam i (?!right|wrong|correct)",
    r"\bdo you remember\b|\bwhat do you know (?:about|of) (?:me|us)\b",
)
_ASKS = _any(
    r"[?？]",
    r"^\W*(?:\w+[,:]\s*)?(?:who|what|when|where|why|which|how|is|are|was|were|do|does|did|can|could|will|would|should|has|have)\b",
    r"^\W*(?:\w+[,:]\s*)?(?:name|explain|define|tell (?:us|me))\b",
)
_TELL = _any(r"\btell (?:me|us)\b")


def asking(text: str, names: Sequence[str] = ()) -> Asking:
    """`names`: of the people in the talk, but for whoever is asked. A verdict on something counts as judging even where its
    author speaks of themselves; a question that names one of `names`, or its author, is personal."""
    text = text.replace("’", "'")
    if of_verdict(text) or (_CLAIM.search(text) and not _WISH.search(text)):
        return "judging"
    if _WISH.search(text):
        return "personal"
    if not _ASKS.search(text):
        return "other"
    if _choice(text):
        return "personal"
    return "personal" if of_self(text) or any(names_one(text, n) for n in names) else "factual"


def of_verdict(text: str) -> bool:
    """Whether a side is asked for in so many words."""
    return _VERDICT.search(text.replace("’", "'")) is not None


_OPTIONS = re.compile(r"^(?P<first>(?:[\w'’-]+ ?,? ?){1,6}) or (?P<second>(?:[\w'’-]+ ?){1,6})\?\W*$", re.IGNORECASE)


def _choice(text: str) -> bool:
    """Whether it ends with a bare choice, "tea or coffee?", and asks nothing before: that is a choice of its author's."""
    *before, last = re.split(r"(?<=[.!?…])\s+", text.strip())
    found = _OPTIONS.match(re.sub(r"^@?\w+[,:]\s*", "", last) if not before else last)
    return found is not None and not _ASKS.search(found["first"]) and not any(_ASKS.search(one) for one in before)


_RECALLS = _any(
    r"\b(?:what|which|where|when|who|whose|how)\b[^.?!]*\b(?:do|did|am|was|were|have|had|is|are|'s)\b[^.?!]*\b(?:i|my|mine|me)\b[^.!?]*\?"
)
_ADVICE = _any(r"\b(?:should|shall|could|can|would|may|must|ought)\b|\bor\b")


def recalls(text: str) -> bool:
    """Whether its author asks what they once said of themselves, and not what to do now."""
    plain = text.replace("’", "'")
    return _RECALLS.search(plain) is not None and _ADVICE.search(plain) is None


def of_self(text: str) -> bool:
    """Whether its author speaks of themselves."""
    return _SELF.search(_TELL.sub("", text.replace("’", "'"))) is not None


_OF_YOU = _any(r"\b(?:do|did|are|were|have) you\b|\byour(?:s|self)?\b")


def of_you(text: str) -> bool:
    """Whether it asks what whom it is for is, has or does."""
    return _OF_YOU.search(text) is not None


_PERSON = _any(r"\b(?:who|whose|whom|anybody|anyone|somebody|someone)\b|\bwhich of (?:us|you|them)\b")


def for_somebody(text: str) -> bool:
    """Whether it asks which person something is true of: of the world, or of those here."""
    return _PERSON.search(text) is not None


def names_one(text: str, name: str) -> bool:
    """Whether `name` stands in `text` as a word."""
    plain = name.strip()
    return bool(plain) and re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", text, re.IGNORECASE) is not None


def impersonal(kind: Asking) -> bool:
    """Whether who asks must not change the answer."""
    return kind in ("factual", "judging")


_THIRD: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (r"\bam i\b", "are they"),
        (r"\bwas i\b", "were they"),
        (r"\bi am\b|\bi['’]m\b", "they are"),
        (r"\bi was\b", "they were"),
        (r"\bi['’]ve\b", "they have"),
        (r"\bi['’]d\b", "they would"),
        (r"\bi['’]ll\b", "they will"),
        (r"\bmyself\b|\bourselves\b", "themselves"),
        (r"\bmine\b|\bours\b", "theirs"),
        (r"\bmy\b|\bour\b", "their"),
        (r"\bwe['’]re\b", "they are"),
        (r"\bwe['’]ve\b", "they have"),
        (r"\bme\b|\bus\b", "them"),
        (r"\bi\b|\bwe\b", "they"),
    )
)


def third_person(text: str) -> str:
    """What somebody said, told of "they": a model that is asked about a stranger flatters less than one asked by a friend."""
    return _retold(text, _THIRD)


_FIRST: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (r"\byou['’]re\b|\byou are\b", "I am"),
        (r"\byou['’]ve\b", "I have"),
        (r"\byours\b", "mine"),
        (r"\byour\b", "my"),
        (r"\byourself\b", "myself"),
        (r"\byou\b", "I"),
    )
)


def first_person(text: str) -> str:
    """What somebody is told of themselves, as they would say it."""
    return _retold(text, _FIRST)


def _retold(text: str, words: Sequence[tuple[re.Pattern[str], str]]) -> str:
    for pattern, said in words:
        text = pattern.sub(said, text)
    return text
