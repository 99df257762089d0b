"""What a new item is to those that are kept already: nothing new, or the next value of some of them.

What some people know of an item must not hang on what they have not heard, so each pair is looked at by itself.
"""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from memory.audience import admitted
from memory.item import Item
from memory.slots import SAME, of_slot, opposed, slot
from memory.validity import dated, replaced

RELATED = 0.35
"""Cosine from which an older statement is asked about whether the newer one takes its place."""
Vector = NDArray[np.float32]
Older = Sequence[tuple[Item, float]]
"""Items of the person and kind of a new one that were said no later, with their cosines to it."""


class Shelf:
    """What is kept of one person, and where it lies: `vectors` in the order of `items`, of their embeddings where none are given.
    A thousand items are compared with a new one in one product."""

    def __init__(self, items: Iterable[Item], vectors: Sequence[Vector] | None = None) -> None:
        self.items: list[Item] = []
        self._placed: dict[int, tuple[list[int], Vector]] = {}
        kept = list(items)
        given = [_vector(i) for i in kept] if vectors is None else vectors
        by_length: dict[int, list[int]] = {}
        for n, vector in enumerate(given):
            by_length.setdefault(len(vector), []).append(n)
        self._placed = {length: (places, np.stack([given[n] for n in places])) for length, places in by_length.items()}
        self.items = kept

    def add(self, item: Item) -> None:
        vector = _vector(item)
        places, matrix = self._placed.get(len(vector), ([], np.zeros((0, len(vector)), dtype=np.float32)))
        self._placed[len(vector)] = ([*places, len(self.items)], np.vstack([matrix, vector]))
        self.items.append(item)

    def older(self, item: Item) -> Older:
        """Cosines are 0 where another embedder placed an item."""
        found = np.zeros(len(self.items), dtype=np.float32)
        new = _vector(item)
        if len(new) and len(new) in self._placed:
            places, matrix = self._placed[len(new)]
            norms = np.sqrt(np.einsum("ij,ij->i", matrix, matrix)) * np.linalg.norm(new)
            found[places] = np.divide(matrix @ new, norms, out=np.zeros_like(norms), where=norms > 0)
        near = found.tolist()
        some = [(i, near[n]) for n, i in enumerate(self.items) if i.kind == item.kind and i.at <= item.at]
        assert all(i.subject == item.subject for i, _ in some), "a shelf is of one person"
        return some


def related(item: Item, older: Older) -> tuple[Item, ...]:
    """Those that `item` may take the place of, nearest first: those near to it or that the rules take for values of the same
    thing. What happened is never undone by what happens next."""
    if item.kind not in ("fact", "preference"):
        return ()
    mine = slot(item.text)
    near = [(likeness, i) for i, likeness in older if likeness >= RELATED or of_slot(mine, i.text)]
    return tuple(i for _, i in sorted(near, key=lambda pair: (-pair[0], pair[1].id)))


def linked(item: Item, older: Older, closed: Collection[str]) -> Item | None:
    """`item` as the next value of those among `closed` and of what it only says again before the same people; None where it adds
    nothing to what they all heard before."""
    words = item.text.casefold()
    if any(i.text.casefold() == words for i, _ in older) and any(
        _covers(old, item) for old in dated(admitted((i for i, _ in older), item.audience))
    ):
        return None
    again = {i.id for i, likeness in older if i.audience == item.audience and _repeats(item, i, likeness)}
    return replaced(item, (i for i, _ in older), {*closed, *again})


def _vector(item: Item) -> Vector:
    return np.asarray(item.embedding, dtype=np.float32)


def _repeats(item: Item, old: Item, likeness: float) -> bool:
    """Both say one thing: neither denies the other."""
    if item.text.casefold() == old.text.casefold():
        return True
    return likeness >= SAME and not opposed(item.text, old.text)


def _covers(old: Item, item: Item) -> bool:
    """The same words from the same message, or said before to more people, and they still hold."""
    if old.text.casefold() != item.text.casefold() or old.until is not None:
        return False
    return old.sources == item.sources or old.public or old.audience > item.audience
