"""Which items come to mind: what is near enough to what was said, the most recent first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from memory.audience import common, reach
from memory.item import Item
from memory.saliency import Cue, Retrieved, Trace
from memory.validity import Recalled, beside

NEAR = 0.26
"""Least saliency of an item: MiniLM's cosine of two random messages of real chats is below it in 95 of 100 (`python -m training
saliency`). Items do not fade: a newer value closes them."""
ITEMS = 3
"""Items that come to mind at once."""
First = Literal["recency", "saliency"]


def _nothing() -> NDArray[np.float32]:
    return np.zeros((0, 0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a room may hear of what is remembered: `items` that hold now, no corrections among them, and `vectors[item, dim]` of
    unit length in their order; `corrections` of them; `names` of subjects and agents by id."""

    items: tuple[Item, ...] = ()
    vectors: NDArray[np.float32] = field(default_factory=_nothing, compare=False)
    corrections: tuple[Item, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def recollect(candidates: Candidates, cue: Cue, limit: int = ITEMS, first: First = "recency") -> tuple[Retrieved, ...]:
    """The `limit` newest or most salient of those that are NEAR what was said or meant, in that order (PRIME: recency before
    likeness); ties by id, so that a run can be repeated."""
    items, vectors = candidates.items, candidates.vectors
    if not items or vectors.shape[1] != len(cue.utterance):
        return ()
    cues = np.asarray([cue.utterance, cue.meaning], dtype=np.float32)
    near = (vectors @ cues.T).max(axis=1)
    order = sorted(
        (int(i) for i in np.flatnonzero(near >= NEAR)),
        key=lambda i: (
            -items[i].at.timestamp() if first == "recency" else 0.0,
            -float(near[i]),
            items[i].id,
        ),
    )
    found, texts = [], set[tuple[str, str]]()
    for i in order:
        said = (items[i].subject, items[i].text.casefold())
        if said in texts:
            continue  # said before two audiences, and this one was in both
        texts.add(said)
        found.append((items[i], float(near[i])))
        if len(found) == limit:
            break
    recalled = beside((item for item, _ in found), (*candidates.items, *candidates.corrections))
    return tuple(
        Retrieved(_trace(one, candidates.names), nearness) for one, (_, nearness) in zip(recalled, found, strict=True)
    )


def _trace(recalled: Recalled, names: Mapping[str, str]) -> Trace:
    audience = common([reach(recalled.item), *map(reach, recalled.corrections)])
    return Trace(recalled.item.id, "item", told(recalled, names), recalled.item.embedding, audience=audience)


def told(recalled: Recalled, names: Mapping[str, str]) -> str:
    """As one line of a prompt: who said it, when, and what agents answered. A claim is called one: it is no fact."""
    item = recalled.item
    verb = "claimed" if item.kind == "claim" else "said"
    line = f"{names.get(item.subject, 'Somebody')} {verb} on {item.at:%Y-%m-%d}: {item.text}"
    for answer in recalled.corrections:
        line += f" ({names.get(answer.by, 'You')} corrected: {answer.text})"
    return line
