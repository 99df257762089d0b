"""What people ask an agent about its memory of them, in the room: rules, asked before any model. English."""

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Request:
    """`show`: what do you know about me? `that`: forget what I just said. `topic`: forget what I said about `topic`.
    `everything`: forget all of me; `sure`: they have said so twice."""

    what: Literal["show", "that", "topic", "everything"]
    topic: str = ""
    sure: bool = False


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


def request(text: str) -> Request | None:
    """What `text` asks of an agent's memory; None where it asks nothing."""
    plain = " ".join(text.split())
    if _SHOW.search(plain):
        return Request("show")
    if (found := _EVERYTHING.search(plain)) is not None:
        return Request("everything", sure=found.group("sure") is not None)
    if _THAT.search(plain):
        return Request("that")
    if (found := _TOPIC.search(plain)) is not None:
        return Request("topic", found.group("topic").strip())
    return None
