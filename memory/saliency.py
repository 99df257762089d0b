"""Which memories and held thoughts come to mind at an utterance."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Vector = Sequence[float]

THRESHOLD = 0.13
"""Least saliency that counts. MiniLM's cosine of two random messages of real chats is below 0.26 in 95 of 100 (`python -m
training saliency`): this is that, wholly faded."""

FADED = 14
"""Turns after which a trace fades no further. Without it 0.95 per turn would wipe out every memory of a busy room in an
hour, which the paper's short chats never showed; 0.95^14 leaves half."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A memory, an item or a held thought, as retrieval sees it. `accessed_seq`: the room's seq when it was last used.
    `audience`: ids of the people who may hear it; None for everybody."""

    id: str
    kind: Literal["memory", "item", "thought"]
    text: str
    embedding: Vector
    accessed_seq: int = 0
    weight: float = 1.0
    audience: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """What calls memories up: the `utterance` itself and what it `means` where it was said, as unit vectors."""

    utterance: Vector
    meaning: Vector


@dataclass(frozen=True, slots=True)
class Retrieved:
    trace: Trace
    saliency: float


def cosine(a: Sequence[float], b: Sequence[float]) -> float:
    """Of two vectors of one length; 0 when either has no length."""
    norm = math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))
    return sum(x * y for x, y in zip(a, b, strict=True)) / norm if norm else 0.0


def saliency(trace: Trace, cue: Cue, seq: int, decay: float) -> float:
    """max(cos(item, meaning), cos(item, utterance)) · weight · decay^(turns since last access), with b = c = 1
    (arXiv 2501.00383, retrieval stage); turns stop counting at FADED."""
    nearest = max(cosine(trace.embedding, cue.meaning), cosine(trace.embedding, cue.utterance))
    faded: float = decay ** min(FADED, max(0, seq - trace.accessed_seq))
    return nearest * trace.weight * faded


def retrieve(
    traces: Iterable[Trace], cue: Cue, seq: int, decay: float, limit: int, threshold: float = THRESHOLD
) -> tuple[Retrieved, ...]:
    """The `limit` most salient at or above `threshold`, most salient first; ties by id, so that a run can be repeated."""
    ranked = sorted(
        (Retrieved(t, saliency(t, cue, seq, decay)) for t in traces), key=lambda r: (-r.saliency, r.trace.id)
    )
    return tuple(r for r in ranked[:limit] if r.saliency >= threshold)
