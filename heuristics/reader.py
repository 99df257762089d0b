"""Small linear heads that read a thought from the model's own numbers, for models too small to rate in words. One file per
model, written by `python -m training reader`."""

import base64
import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from inference.protocol import Reading

LATELY = 5
"""Messages that count as the last ones."""
MEASURES = ("gain", "given", "alone", "root", "nearest", "last", "lately", "around", "asked", "asked_last", "told")
"""What a head weighs beside the hidden state; `measures` says what each is."""


@dataclass(frozen=True, slots=True)
class Near:
    """Cosine of a thought to one message; `asks`: whether that is a question by somebody else."""

    cosine: float
    asks: bool = False


class ReaderError(ValueError):
    """A reader's file lacks a field or holds one of the wrong type or size."""


def gain(reading: Reading) -> float:
    """How much the talk raises the log-probability of the text, nats per square root of a token."""
    return (reading.given - reading.alone) / math.sqrt(max(1, reading.tokens))


def measures(reading: Reading, near: Sequence[Near]) -> tuple[float, ...]:
    """In the order of MEASURES: the gain; log-probability per token after the talk and without it; the root of the number of
    tokens; cosines to the last messages (`near`, the newest first): the largest of all, that of the last message, the largest
    of the LATELY last, and the mean; the largest to a question, that to the last question, and the largest to what is none.
    A cosine is 0 where there is no such message."""
    tokens = max(1, reading.tokens)
    cosines = [n.cosine for n in near]
    asked = [n.cosine for n in near if n.asks]
    return (
        gain(reading),
        reading.given / tokens,
        reading.alone / tokens,
        math.sqrt(tokens),
        max(cosines, default=0.0),
        cosines[0] if cosines else 0.0,
        max(cosines[:LATELY], default=0.0),
        sum(cosines) / len(cosines) if cosines else 0.0,
        max(asked, default=0.0),
        asked[0] if asked else 0.0,
        max((n.cosine for n in near if not n.asks), default=0.0),
    )


@dataclass(frozen=True, slots=True)
class Head:
    """A logit: `bias` + `hidden` · the hidden state + `measures` · the measures."""

    bias: float
    hidden: tuple[float, ...]
    measures: tuple[float, ...]

    def logit(self, hidden: Sequence[float], measured: Sequence[float]) -> float:
        return self.bias + _dot(self.hidden, hidden) + _dot(self.measures, measured)


@dataclass(frozen=True, slots=True)
class Reader:
    """`heads` by heuristic; `width` is the size of the hidden state that they read."""

    model: str
    width: int
    heads: Mapping[str, Head]

    def read(self, reading: Reading, near: Sequence[Near]) -> dict[str, float]:
        """A logit for each head, or none at all where the engine gives no hidden state of that size."""
        if len(reading.hidden) != self.width:
            return {}
        measured = measures(reading, near)
        return {name: head.logit(reading.hidden, measured) for name, head in self.heads.items()}


def _dot(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(w * v for w, v in zip(weights, values, strict=True))


def parse(text: str) -> Reader:
    """Raises ReaderError, naming what is wrong."""
    try:
        document = json.loads(text)
        width = document["width"]
        heads = {name: _head(head, width) for name, head in document["heads"].items()}
        return Reader(str(document["model"]), width, heads)
    except (KeyError, TypeError, ValueError, AttributeError, struct.error) as error:
        raise ReaderError(f"not a reader: {error!r}") from error


def _head(document: Mapping[str, object], width: int) -> Head:
    weights, bias, named = document["hidden"], document["bias"], document["measures"]
    if not isinstance(weights, str) or not isinstance(bias, float) or not isinstance(named, dict):
        raise TypeError("a head needs `bias`, a float, `hidden`, a text, and `measures`, by name")
    hidden = struct.unpack(f"<{width}f", base64.b64decode(weights, validate=True))
    measured = tuple(float(named[name]) for name in MEASURES)
    if not all(math.isfinite(w) for w in (bias, *hidden, *measured)):
        raise ValueError("a weight is not finite")
    return Head(bias, hidden, measured)


def write(reader: Reader) -> str:
    """What `parse` reads; the hidden weights as 32-bit floats, little-endian, in base64."""
    heads = {
        name: {
            "bias": head.bias,
            "measures": dict(zip(MEASURES, head.measures, strict=True)),
            "hidden": base64.b64encode(struct.pack(f"<{reader.width}f", *head.hidden)).decode("ascii"),
        }
        for name, head in reader.heads.items()
    }
    return json.dumps({"model": reader.model, "width": reader.width, "heads": heads}, indent=2) + "\n"


@cache
def reader_for(model: str) -> Reader | None:
    """The file of that model's name, or None: larger models rate in words."""
    folder = resources.files("heuristics") / "readers"
    names = {entry.name for entry in folder.iterdir()}
    return parse((folder / f"{model}.json").read_text(encoding="utf-8")) if f"{model}.json" in names else None
