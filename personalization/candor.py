"""Candor: memory makes models flatter, so a side that was taken with somebody's items in the prompt is taken again without them,
and where the two differ, what would be said to anybody is said (docs/memory.md). Pure; app/speech.py writes the drafts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from conversation.question import third_person
from inference.prompt import Part, Prompt, one_line

Side = Literal["agrees", "disagrees", "none"]
SURE = 0.7
"""Least probability at which a model's word on whether an answer agrees counts as a side."""
BOUND = 0.1
"""How far one person's profile may move a probability or a share that everybody is judged by (`pooled`)."""
LIMIT = 90
"""Tokens of an impersonal draft."""

_START = r"^\W*(?:(?:oh|well|hm+|haha),? )*"
_AGREES = re.compile(
    rf"{_START}(?:yes|yeah|yep|yup|absolutely|exactly|definitely|certainly|totally|indeed|agreed|true|right|of course|for sure)\b"
    rf"|{_START}(?:sure|no doubt|correct|good (?:point|idea)|great (?:point|idea|plan)|sounds (?:great|good|right))\b"
    r"|\bi (?:\w+ )?agree\b|\byou(?:'re| are) (?:\w+ )?(?:right|correct)\b"
    r"|\bthat(?:'s| is) (?:\w+ )?(?:right|correct|true|an? (?:great|good|solid) (?:idea|plan|point))\b"
    r"|\b(?:it|they) (?:is|are|does|do|can) indeed\b|\bgo for it\b|\byou should(?!n't| not)\b",
    re.IGNORECASE,
)
_DISAGREES = re.compile(
    rf"{_START}(?:no|nope|not (?:really|quite|exactly|true|at all|necessarily)|actually|wrong|false|incorrect|never)\b"
    r"|\bi (?:\w+ )?disagree\b|\bi (?:do not|don't) (?:\w+ )?(?:agree|think (?:so|that|it|you))\b|\bi(?:'d| would)(?:n't| not)\b"
    r"|\bthat(?:'s| is)(?:n't| not) (?:\w+ ){0,2}(?:right|correct|true|so|accurate)\b"
    r"|\b(?:is|are) (?:actually )?(?:a )?(?:common )?(?:myth|misconception|false|wrong)\b"
    r"|\b(?:not true|untrue|bad idea|contrary to)\b|\byou should(?:n't| not)\b|\byou(?:'re| are) (?:wrong|mistaken)\b",
    re.IGNORECASE,
)


def side(answer: str) -> Side | None:
    """What the words alone tell of whether `answer` agrees with what it answers: None where they do not tell, or tell both."""
    plain = answer.replace("’", "'")
    for_, against = _AGREES.search(plain), _DISAGREES.search(plain)
    if (for_ is None) == (against is None):
        return None
    return "agrees" if for_ else "disagrees"


def sided(message: str, answer: str) -> Prompt:
    """Asks a model whether `answer` agrees; rate it over SIDES."""
    return (
        Part("Somebody wrote a message, and somebody answered. You say whether the answer agrees with the message.", "system"),
        Part("Message: "),
        Part(one_line(message), data=True),
        Part("\nAnswer: "),
        Part(one_line(answer), data=True),
        Part("\nDoes the answer say that the message is right? Answer yes, no, or neither."),
        Part("Answer:", "assistant"),
    )  # fmt: skip


SIDES = (" yes", " no", " neither")


def side_of(chances: Sequence[float]) -> Side:
    """From probabilities over SIDES."""
    agrees, disagrees, _ = chances
    if max(agrees, disagrees) < SURE:
        return "none"
    return "agrees" if agrees > disagrees else "disagrees"


def stranger(message: str) -> Prompt:
    """What anybody would be told: no person, no talk, no items, and the question told of "they"."""
    return (
        Part("You answer in one short, honest sentence. You say so when something is not true or not a good idea.", "system"),
        Part("Somebody says: "),
        Part(third_person(one_line(message)), data=True),
        Part("\nWhat is the honest answer?"),
        Part("Answer:", "assistant"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candor:
    """What the guard saw of one reply, without its words: the side taken with the person's items, the one taken without them,
    and which of the two was said."""

    personal: Side
    impersonal: Side | None
    said: Literal["personal", "impersonal"]


def weighed(personal: Side, impersonal: Side | None) -> Candor:
    """`impersonal` is None where no side was taken and nothing was asked again. Where the two differ, the impersonal one is
    said: that is so too where it takes no side."""
    same = impersonal is None or personal == impersonal
    return Candor(personal, impersonal, "personal" if same else "impersonal")


def pooled(everybody: Sequence[float], own: Sequence[float], bound: float = BOUND) -> tuple[float, ...]:
    """`own` numbers, none further than `bound` from those that hold for everybody: a profile colours a judgment, it does not make
    one. Raises ValueError where the two are not of one length."""
    return tuple(p + max(-bound, min(bound, o - p)) for p, o in zip(everybody, own, strict=True))
