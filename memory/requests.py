"""What people ask an agent about its memory of them, in the room: rules, asked before any model. English."""

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Request:
    """`show`: what do you know about me? `that`: forget what I just said. `topic`: forget what I said about `topic`.
    `everything`: forget all of me; `sure`: they have said so twice. `stop`, `resume`: what I let you do, by the name that it has
    in Consent, is taken back or given again."""

    what: Literal["show", "that", "topic", "everything", "stop", "resume"]
    topic: str = ""
    sure: bool = False
    consent: Literal["observe", "remember", "infer"] = "remember"


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


def request(text: str) -> Request | None:
    """What `text` asks of an agent's memory; None where it asks nothing."""
    plain = " ".join(text.split())
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
    return None
