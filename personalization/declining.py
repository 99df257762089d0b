"""Whether somebody would rather not be asked: phrases that say so, and, for the many ways that no list has, where a reply lies
among refusals and answers in the sentence embedding. The numbers are learned by `python -m training declining`."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LIKELY = 0.4
"""Chance from which a reply counts as a refusal. Rather once too often: who is not asked again loses little."""

_DECLINES = re.compile(
    r"\b(?:none\s+of\s+your\s+(?:business|concern)|mind\s+your\s+own\s+business|(?:i(?:['’]d|\s+would)\s+)?rather\s+not(?:\s+(?:say|answer|talk|tell))?|"
    r"(?:stop|quit|no\s+need\s+for)\s+(?:asking|quizzing|questioning|interrogating)|(?:no|enough)\s+(?:more\s+)?questions|"
    r"(?:do\s*n[o'’]t|please\s+do\s*n[o'’]t|never)\s+(?:ask|quiz)\s+(?:me|us)|(?:that['’]?s|it['’]?s|this\s+is)\s+(?:private|personal)|"
    r"(?:wo|do)n['’]?t\s+(?:want\s+to\s+)?(?:answer|tell)(?:\s+(?:you|that|this))?|no\s+comment|why\s+do\s+you\s+(?:ask|want\s+to\s+know|need\s+to\s+know)|"
    r"(?:i(?:['’]m|\s+am)\s+)?not\s+(?:going\s+to\s+)?(?:answer|tell)(?:ing)?\s+(?:you|that|this))\b",
    re.IGNORECASE,
)
_END = (
    r"\s*(?:[,;.!?…]|[-–—]\s|$|"
    r"\b(?:please|thanks|thank\s+you|for\s+now|today|(?:right\s+)?now|any\s*more|again|at\s+all|with\s+you|here|if\s+(?:you|that|it|i)\b))"
)
"""What ends a clause: behind a topic ("about that") nothing follows that would make it another."""
_TOPIC = (
    r"(?:this|that|it|(?:this|that)\s+(?:subject|topic|one|question)|such\s+things|(?:my|me|myself)\b[\w\s]{0,20}?)"
)
_AVOIDS = re.compile(
    rf"\bprefer\s+not(?:\s+to(?:\s+(?:say|answer|tell|share|discuss|talk|get\s+into|go\s+into)\b.*)?)?{_END}|"
    rf"\b(?:do\s*n['’]?t|do\s+not|wo\s*n['’]?t|will\s+not|not\s+going\s+to|rather\s+not|would\s*n['’]?t)\s+"
    rf"(?:(?:really\s+)?(?:want|wish|care|like|feel\s+like)(?:\s+to)?\s+)?"
    rf"(?:(?:talk(?:ing)?|speak(?:ing)?)\s+about|discuss(?:ing)?|get(?:ting)?\s+into|go(?:ing)?\s+into)\s+{_TOPIC}{_END}|"
    rf"\b(?:let['’]?s|let\s+us|can\s+we|could\s+we|please)\s+not\s+(?:go\s+(?:there|into\s+{_TOPIC})|"
    rf"(?:talk\s+about|discuss|get\s+into)\s+{_TOPIC}){_END}|"
    rf"\b(?:let['’]?s|please|can\s+we|i(?:['’]d|['’]ll|\s+would|\s+will)?(?:\s+like\s+to|\s+rather)?)\s+"
    rf"skip\s+(?:this|that|it)(?:\s+(?:one|question))?{_END}|"
    rf"^\W*(?:(?:um+|uh+|hm+|no|nah|sorry|ok(?:ay)?)[\s,.!…-]+)*(?:(?:i['’]?ll|i\s+will|i)\s+)?(?:hard\s+)?"
    rf"(?:pass|skip)(?:\s+on)?(?:\s+(?:this|that|it)(?:\s+(?:one|question))?)?{_END}",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Refusals:
    """A support vector machine with a Gaussian kernel: `vectors` [n, dim] of length 1, their `weights` [n], `bias`, `gamma`; and
    the logit `slope` · score + `offset`."""

    vectors: NDArray[np.float16]
    weights: NDArray[np.float32]
    bias: float
    gamma: float
    slope: float
    offset: float

    def chance(self, place: Sequence[float]) -> float:
        """That who replied so refuses. `place`: the embedding of the reply, [dim]."""
        apart = self.vectors.astype(np.float32) - np.asarray(place, dtype=np.float32)
        score = float(np.exp(-self.gamma * (apart * apart).sum(1)) @ self.weights) + self.bias
        return self.calibrated(score)

    def calibrated(self, score: float) -> float:
        return 1 / (1 + math.exp(-(self.slope * score + self.offset)))


def declines(text: str, place: Sequence[float] = ()) -> bool:
    """Of a reply to a question: whether it refuses, in English. `place`: its embedding; where it is none that the numbers were
    learned in, the phrases alone count."""
    if phrased_so(text):
        return True
    learned = shipped()
    return len(place) == learned.vectors.shape[1] and learned.chance(place) >= LIKELY


def phrased_so(text: str) -> bool:
    """Whether one of the phrases is in it."""
    return _DECLINES.search(text) is not None or _AVOIDS.search(text) is not None


def save(refusals: Refusals, file: Path) -> None:
    numbers = [refusals.bias, refusals.gamma, refusals.slope, refusals.offset]
    np.savez_compressed(file, vectors=refusals.vectors, weights=refusals.weights, numbers=np.array(numbers))


@cache
def shipped() -> Refusals:
    with (resources.files("personalization") / "declining.npz").open("rb") as file, np.load(file) as arrays:
        return Refusals(arrays["vectors"], arrays["weights"], *map(float, arrays["numbers"]))
