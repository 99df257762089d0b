"""What people ask an agent about its memory of them, in the room: rules, asked before any model. English."""

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Request:
    """`show`: what do you know about me? `export`: how do I take it along? `that`: forget what I just said. `topic`: forget what
    I said about `topic`. `everything`: forget all of me; `sure`: they have said so twice. `stop`, `resume`: what I let you do, by
    the name that it has in Consent, is taken back or given again. `correct`: `topic` is how it is; `sure`: the message says
    that something was wrong, and not just no. `widen`, `narrow`: what I said of `topic`, or just now where it is "", may be told
    to `whom`, or not; `whom` is a name, or "" for everybody, which for `narrow` means whoever is not here."""

    what: Literal["show", "export", "that", "topic", "everything", "stop", "resume", "correct", "widen", "narrow"]
    topic: str = ""
    sure: bool = False
    consent: Literal["observe", "remember", "infer"] = "remember"
    whom: str = ""


_YOU = r"(?:^|^@\S+\s+|[,.!?:;–—-]\s*|\b(?:please|and|so|now|hey|can you|could you|would you|i want you to|i'?d like you to)\s+)"
_SHOW = re.compile(
    r"\bwhat (?:do|did|have) you (?:know|remember|remembered|learn(?:ed|t)?|kept?|stored?)"
    r"(?: (?:so far|all))?(?: (?:about|of|on) me)\b"
    r"|\bwhat do you remember\?*$|\bshow me what you (?:know|remember)\b|\bwhat'?s in my profile\b",
    re.IGNORECASE,
)
_EVERYTHING = re.compile(
    rf"{_YOU}(?:forget|erase|delete) (?:everything|all(?: of it)?)"
    r"(?:,? (?:that )?(?:you (?:know|remember|have)(?: (?:about|of|on) me)?|(?:about|of) me|"
    r"i(?:'ve| have)? (?:ever )?(?:said|told you)))?"
    r"(?P<sure>,? really)?[\s.!]*(?:please)?[\s.!]*$",
    re.IGNORECASE,
)
_THAT = re.compile(
    rf"{_YOU}(?:forget|erase|don'?t remember|do not remember) (?:that|what i (?:just )?(?:said|wrote|told you))"
    r"(?: again)?[\s.!]*(?:please)?[\s.!]*$",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    rf"{_YOU}(?:forget|erase) (?:about |that |(?:everything|anything|all|what) (?:that )?(?:i(?:'ve| have)? )?(?:ever )?"
    r"(?:said|told you|wrote|you know|you remember)? ?about )(?P<topic>.+?)[\s.!?]*(?:,? please)?[\s.!]*$",
    re.IGNORECASE,
)
_SELF = r"(?:me|(?:what|anything|everything|things|the things) (?:that )?i (?:say|write|tell you|post)|my (?:messages|words))"
_END = r"(?: (?:here|from now on|any ?more|any longer|again|at all|ever again))*[\s.!]*(?:,? please)?[\s.!]*$"
_ABOUT = r"(?:anything |things |everything )?(?:about|of|on) me"
_CONSENTS: tuple[tuple[Literal["observe", "remember", "infer"], str], ...] = (
    ("observe", rf"(?:read|reading|look at|looking at|listen to|listening to) {_SELF}"),
    ("remember", rf"(?:remember|remembering|keep|keeping|store|storing|record|recording) (?:{_SELF}|{_ABOUT})"),
    (
        "infer",
        rf"(?:(?:draw|drawing|make|making) conclusions|infer|inferring|conclude|concluding|guess|guessing|profile|profiling)"
        rf"(?: (?:{_SELF}|{_ABOUT}|from {_SELF}))?",
    ),
)
_TAKEN_BACK = tuple(
    (name, re.compile(rf"{_YOU}(?:stop|quit|don'?t|do not|never) {what}{_END}", re.IGNORECASE))
    for name, what in _CONSENTS
)
_GIVEN = tuple(
    (name, re.compile(rf"\b(?:you (?:may|can)(?: now)?|start|feel free to) {what}{_END}", re.IGNORECASE))
    for name, what in _CONSENTS
)


_EXPORT = re.compile(
    r"\b(?:export|download|get a copy of|give me a copy of|take (?:along|with me)|back up) "
    r"(?:my (?:data|profile|memor(?:y|ies)|items)|(?:everything|all|what) (?:that )?you(?:'ve| have)? (?:know|remember|have|"
    r"keep|kept|stored?)(?: (?:about|of|on) me)?)\b",
    re.IGNORECASE,
)
_CALL = r"^(?:@?[\w-]+[,:!]?\s+)?(?:please,?\s+)?"
_WRONG = re.compile(
    rf"{_CALL}(?:no,? )?(?:that(?:'s| is) (?:not (?:right|true|correct|so)|wrong|outdated|out of date|no longer (?:so|true))|"
    r"that isn'?t (?:right|true|correct)|you(?:'ve| have)? got (?:that|it|me) wrong|you(?:'re| are) (?:wrong|mistaken)|"
    r"(?:small )?correction|(?:please )?correct that|that has changed)(?: now)?\s*[:,.!;–—-]+\s*(?P<topic>(?:I|my|we|our)\b.+)$",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^(?:@?[\w-]+[,:!]\s+)?(?:no|nope|wrong|actually)[,.!:–—-]+\s*(?:@?[\w-]+[,:!]\s+)?(?P<topic>(?:I|my)\b.+)$",
    re.IGNORECASE,
)
_TO = (
    r"(?P<all>every(?:body|one)|any(?:body|one)|(?:all )?the others|others|all of them|them|people|the group)"
    r"|(?P<whom>(?-i:[A-Z])[\w'-]*)"
)
"""Whom: all, or somebody by a name, which has a capital."""
_WHAT = (
    r"(?:(?:that|this|it|so|about (?:that|this|it)|what i (?:just )?(?:said|wrote|told you))"
    r"|(?:that|about|of|what i (?:said|told you|wrote) (?:about|of)) (?P<topic>.*\b(?:i|me|my|mine|we|us|our|i'\w+|we'\w+)\b.*?))"
    r"(?: (?:now|too|again|ever))?[\s.!]*(?:,? please)?[\s.!]*$"
)
"""Something that one said of oneself; else it is no matter of memory."""
_WIDEN = re.compile(
    rf"\byou (?:may|can|are (?:free|allowed) to|have my permission to)(?: (?:now|also))? "
    rf"(?:tell|let) (?:{_TO}) (?:know )?{_WHAT}",
    re.IGNORECASE,
)
_NARROW = re.compile(
    rf"\b(?:don'?t|do not|never|must not|mustn'?t|may not|shouldn'?t|should not)(?: ever)? "
    rf"(?:tell|let) (?:{_TO}) (?:know )?{_WHAT}",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\bkeep (?:that|this|it|what i (?:just )?(?:said|wrote|told you)|"
    r"(?P<topic>what i (?:said|told you|wrote) (?:about|of) .+?|my .+?)) "
    r"(?:between (?:us|you and me|the two of us)|among us|to yourself|secret|private|confidential)[\s.!]*(?:,? please)?[\s.!]*$",
    re.IGNORECASE,
)
_SAID_OF = re.compile(r"^what i (?:said|told you|wrote) (?:about|of) ", re.IGNORECASE)


def _audience(plain: str) -> Request | None:
    if (found := _BETWEEN.search(plain)) is not None:
        return Request("narrow", _SAID_OF.sub("", found["topic"] or ""))
    # "You may not tell …" forbids.
    forbids = _NARROW.search(plain)
    found = forbids or _WIDEN.search(plain)
    if found is None:
        return None
    return Request("narrow" if forbids else "widen", (found["topic"] or "").strip(), whom=found["whom"] or "")


def request(text: str) -> Request | None:
    """What `text` asks of an agent's memory; None where it asks nothing."""
    plain = " ".join(text.split())
    plain = plain.replace("’", "'")
    if _EXPORT.search(plain):
        return Request("export")
    if _SHOW.search(plain):
        return Request("show")
    if (found := _EVERYTHING.search(plain)) is not None:
        return Request("everything", sure=found.group("sure") is not None)
    if _THAT.search(plain):
        return Request("that")
    for name, pattern in _TAKEN_BACK:
        if pattern.search(plain):
            return Request("stop", consent=name)
    for name, pattern in _GIVEN:
        if pattern.search(plain):
            return Request("resume", consent=name)
    if (found := _TOPIC.search(plain)) is not None:
        return Request("topic", found.group("topic").strip())
    if (audience := _audience(plain)) is not None:
        return audience
    for sure, pattern in ((True, _WRONG), (False, _NO)):
        if (found := pattern.search(plain)) is not None and not plain.endswith("?"):
            return Request("correct", found["topic"], sure=sure)
    return None
