"""Which items come to mind: what is near enough to what was said, of two as near the newer, told newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from memory.audience import common, reach
from memory.item import Item
from memory.saliency import Cue, Retrieved, Trace
from memory.scope import scope_of
from memory.validity import Recalled, beside

NEAR = 0.26
"""Least saliency of an item: MiniLM's cosine of two random messages of real chats is below it in 95 of 100 (`python -m training
saliency`). Items do not fade: a newer value closes them."""
NARROWED = 0.15
"""The same of an item with a scope: whether it is for this moment is looked at by its scope afterwards."""
ITEMS = 3
"""Items that come to mind at once."""
FRESH = 0.999
"""What each newer item takes from an older one's nearness: a hundred of them a tenth."""
ALIKE, OVERTAKEN = 0.6, 0.9
"""Cosine from which a newer item speaks of the same thing, and what each such takes from the older one. These three are chosen
with `python -m evals recall`."""
First = Literal["recency", "saliency", "both"]


def _nothing() -> NDArray[np.float32]:
    return np.zeros((0, 0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a room may hear of what is remembered: `items` that hold now, no corrections among them, and `vectors[item, dim]` of
    unit length in their order; `corrections` of them; `names` of subjects and agents by id. `former[former]`: places in `items`
    of those that took the place of an older one, and `earlier[former, dim]` where that one lies: what a value is asked by is
    often nearer to how its owner first put it."""

    items: tuple[Item, ...] = ()
    vectors: NDArray[np.float32] = field(default_factory=_nothing, compare=False)
    corrections: tuple[Item, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    former: tuple[int, ...] = ()
    earlier: NDArray[np.float32] = field(default_factory=_nothing, compare=False)


def recollect(candidates: Candidates, cue: Cue, limit: int = ITEMS, first: First = "both") -> tuple[Retrieved, ...]:
    """The `limit` of those that are NEAR what was said or meant that are the newest, the most salient, or by `both` the most
    salient with those behind that newer ones speak of too. PRIME has recency first: that finds four of ten among two hundred
    items, `both` more than nine. Those that were chosen come newest first: of two that gainsay each other a model goes by the one
    that it reads first (docs/log.md). Ties by id, so that a run can be repeated."""
    items, vectors = candidates.items, candidates.vectors
    if not items or vectors.shape[1] != len(cue.utterance):
        return ()
    cues = np.asarray([cue.utterance, cue.meaning], dtype=np.float32)
    near = (vectors @ cues.T).max(axis=1)
    if candidates.former:
        np.maximum.at(near, list(candidates.former), (candidates.earlier @ cues.T).max(axis=1))
    places = np.flatnonzero(near >= NARROWED)
    places = places[[near[n] >= NEAR or scope_of(items[n]) is not None for n in places]]
    rank = _rank([i.at.timestamp() for i in items], near, vectors, places, first)
    order = [i for _, _, i in sorted((-r, items[i].id, i) for r, i in zip(rank, places.tolist(), strict=True))]
    found, texts = [], set[tuple[str, str]]()
    for i in order:
        said = (items[i].subject, items[i].text.casefold())
        if said in texts:
            continue  # said before two audiences, and this one was in both
        texts.add(said)
        found.append((items[i], float(near[i])))
        if len(found) == limit:
            break
    found.sort(key=lambda pair: pair[0].at, reverse=True)
    recalled = beside((item for item, _ in found), (*candidates.items, *candidates.corrections))
    return tuple(
        Retrieved(_trace(one, candidates.names), nearness) for one, (_, nearness) in zip(recalled, found, strict=True)
    )


def brought(item: Item, candidates: Candidates, saliency: float) -> Retrieved:
    """`item`, one of `candidates`, as it is told when it comes to mind by way of another."""
    (recalled,) = beside((item,), (*candidates.items, *candidates.corrections))
    return Retrieved(_trace(recalled, candidates.names), saliency)


def _rank(
    times: Sequence[float],
    near: NDArray[np.float32],
    vectors: NDArray[np.float32],
    places: NDArray[np.intp],
    first: First,
) -> list[float]:
    """Of the items at `places`, the highest first; `times` of all."""
    at = np.asarray(times)
    if first == "recency":
        return [float(x) for x in at[places]]
    found = near[places].astype(np.float64)
    if first == "both":
        newer = len(at) - np.searchsorted(np.sort(at), at[places], side="right")
        alike = (vectors[places] @ vectors[places].T >= ALIKE) & (at[places][None, :] > at[places][:, None])
        found *= FRESH**newer * OVERTAKEN ** alike.sum(axis=1)
    return [float(x) for x in found]


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
