"""What a message asks for, where its words alone do not tell: read from where it lies among texts, by a logistic fit.

There are more ways to put a claim to somebody than a list of phrases has. The numbers are learned by `python -m training asking`
from sentences that no measurement asks about.
"""

import base64
import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import get_args

from conversation.question import Asking, asking, impersonal, of_verdict

KINDS: tuple[Asking, ...] = get_args(Asking)
EVEN = 0.5
"""Chance from which who asks must not change the answer: where they ask, state or claim what is as true for anybody else."""
FIRM = 0.4
"""The same where the phrases say so already: of questions that a fit has not seen, 3 % of the world's are taken for the talkers'
own, and 20 % the other way round."""


class AskedError(ValueError):
    """The file of the reading lacks a part, or its parts do not fit each other."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A logit: `bias` + `place` · the embedding of the message + what its words tell, by kind."""

    bias: float
    place: tuple[float, ...]
    words: tuple[float, ...]

    def chance(self, place: Sequence[float], told: Asking) -> float:
        """That who asks must not change the answer. `place` has the length of the reading's."""
        dot = sum(w * v for w, v in zip(self.place, place, strict=True))
        return 1 / (1 + math.exp(-(self.bias + dot + self.words[KINDS.index(told)])))


def asked(text: str, names: Sequence[str] = (), place: Sequence[float] = ()) -> Asking:
    """`conversation.question.asking`, and what it does not see. `place`: the embedding of `text`; where it is none that the
    reading knows, the words alone count. A verdict that is asked for in so many words stays one."""
    told = asking(text, names)
    reading = shipped()
    if len(place) != len(reading.place) or of_verdict(text):
        return told
    if reading.chance(place, told) >= (FIRM if impersonal(told) else EVEN):
        return told if impersonal(told) else "judging"
    # "What is the boat's name?" asks of what is here, and "I think I'll stay at home" claims nothing of the world.
    return {"factual": "personal", "judging": "other"}.get(told, told)  # type: ignore[return-value]


def parse(text: str) -> Reading:
    """Raises AskedError, naming what is wrong."""
    try:
        document = json.loads(text)
        packed = base64.b64decode(document["place"], validate=True)
        place = struct.unpack(f"<{document['width']}f", packed)
        words = tuple(float(document["words"][kind]) for kind in KINDS)
        reading = Reading(float(document["bias"]), place, words)
    except (KeyError, TypeError, ValueError, struct.error) as error:
        raise AskedError(f"not a reading of what is asked: {error!r}") from error
    if not all(math.isfinite(w) for w in (reading.bias, *place, *words)):
        raise AskedError("a weight is not finite")
    return reading


def write(reading: Reading) -> str:
    """What `parse` reads; the weights of the embedding as 32-bit floats, little-endian, in base64."""
    packed = base64.b64encode(struct.pack(f"<{len(reading.place)}f", *reading.place)).decode("ascii")
    words = dict(zip(KINDS, reading.words, strict=True))
    return (
        json.dumps({"bias": reading.bias, "words": words, "width": len(reading.place), "place": packed}, indent=2)
        + "\n"
    )


@cache
def shipped() -> Reading:
    return parse((resources.files("conversation") / "asked.json").read_text(encoding="utf-8"))
