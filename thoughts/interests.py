"""What the people of a room keep coming back to, as thinking uses it: an interest comes to mind when the talk is near it, and
in a pause one that was quiet for long is something to bring back."""

from collections.abc import Sequence
from dataclasses import dataclass

from conversation.moment import Moment
from memory.recall import NEAR
from memory.saliency import Retrieved, Trace, Vector, cosine

MOST = 1
"""Interests that come to mind at once."""


@dataclass(frozen=True, slots=True)
class Interest:
    """`trace`: what to remember of it, in words, at the centre of what was said of it. `sources`: the items it rests on."""

    person: str
    trace: Trace
    dormant: bool
    sources: tuple[Trace, ...]


def brought_up(moment: Moment, interests: Sequence[Interest], heard: Sequence[Vector]) -> tuple[Interest, ...]:
    """In a pause, the first that is dormant; else those that are near one of `heard`, embeddings of the last messages,
    nearest first."""
    if moment.trigger.kind == "pause":
        return tuple(i for i in interests if i.dormant)[:MOST]
    near = [(max((cosine(i.trace.embedding, v) for v in _same(i, heard)), default=0.0), i) for i in interests]
    near = [(c, i) for c, i in near if c >= NEAR]
    near.sort(key=lambda pair: (-pair[0], pair[1].trace.id))
    return tuple(i for _, i in near[:MOST])


def _same(interest: Interest, heard: Sequence[Vector]) -> list[Vector]:
    return [v for v in heard if len(v) == len(interest.trace.embedding)]


def nearest(vector: Vector, interests: Sequence[Interest]) -> float | None:
    """Largest cosine of `vector` with an interest of somebody here; None where there is none."""
    near = [cosine(i.trace.embedding, vector) for i in interests if len(i.trace.embedding) == len(vector)]
    return max(near, default=None)


def retrieved(found: Sequence[Interest]) -> tuple[Retrieved, ...]:
    return tuple(Retrieved(i.trace, 0.0) for i in found)
