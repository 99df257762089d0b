"""What a new item is to those that are kept already: nothing new, or the next value of some of them.

What some people know of an item must not hang on what they have not heard, so each pair is looked at by itself.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from memory.audience import admitted
from memory.item import LASTING, Item
from memory.scope import scope_of
from memory.slots import SAME, of_slot, opposed, slot
from memory.validity import dated, follows, replaced

RELATED = 0.2
"""Cosine from which an older statement is asked about whether the newer one takes its place: of changes that people put in words
of their own, a quarter is below 0.27 (MiniLM, the first 726 of `training/cases/changes.json`)."""
Vector = NDArray[np.float32]
Older = Sequence[tuple[Item, float]]
"""Items of the person and kind of a new one that were said no later, with their cosines to it."""
SLICE = 64
"""Items whose words are looked at in one go: a third of a millisecond."""


class Shelf:
    """What is kept of one person, and where it lies: `vectors` in the order of `items`, of their embeddings where none are given.
    A thousand items are compared with a new one in one product, and no new item has any work done on those that it is not
    near to and has neither words nor slot in common with."""

    def __init__(self, items: Iterable[Item], vectors: Sequence[Vector] | None = None) -> None:
        self.items: list[Item] = []
        self._placed: dict[int, tuple[list[int], Vector]] = {}
        self._words: dict[str, list[int]] = {}
        kept = list(items)
        given = [_vector(i) for i in kept] if vectors is None else vectors
        by_length: dict[int, list[int]] = {}
        for n, vector in enumerate(given):
            by_length.setdefault(len(vector), []).append(n)
        self._placed = {length: (places, np.stack([given[n] for n in places])) for length, places in by_length.items()}
        for item in kept:
            self._put(item)

    def add(self, item: Item) -> None:
        vector = _vector(item)
        places, matrix = self._placed.get(len(vector), ([], np.zeros((0, len(vector)), dtype=np.float32)))
        self._placed[len(vector)] = ([*places, len(self.items)], np.vstack([matrix, vector]))
        self._put(item)

    def _put(self, item: Item) -> None:
        self._words.setdefault(item.text.casefold(), []).append(len(self.items))
        self.items.append(item)

    def older(self, item: Item) -> Older:
        """All at once: see `comparing`."""
        for _ in (work := self.comparing(item)):
            pass
        return work.found

    def comparing(self, item: Item) -> "Comparing":
        return Comparing(self, item)

    def nearness(self, item: Item) -> Vector:
        """Cosines, 0 where another embedder placed an item."""
        found = np.zeros(len(self.items), dtype=np.float32)
        new = _vector(item)
        if len(new) and len(new) in self._placed:
            places, matrix = self._placed[len(new)]
            norms = np.sqrt(np.einsum("ij,ij->i", matrix, matrix)) * np.linalg.norm(new)
            found[places] = np.divide(matrix @ new, norms, out=np.zeros_like(norms), where=norms > 0)
        return found

    def saying(self, text: str) -> Sequence[int]:
        """Places of those with these very words."""
        return self._words.get(text.casefold(), ())


class Comparing:
    """A new item held against a shelf, SLICE items at each step, so that whoever has other things to do can do them between.
    After the last step `found` has the older ones that it may follow and have to do with: near, of its slot, or of its words."""

    def __init__(self, shelf: Shelf, item: Item) -> None:
        self.found: Older = ()
        self._shelf, self._item = shelf, item

    def __iter__(self) -> Iterator[None]:
        item, kept = self._item, self._shelf.items
        near = self._shelf.nearness(item)
        places = {*np.flatnonzero(near >= RELATED).tolist(), *self._shelf.saying(item.text)}
        if (mine := slot(item.text)) is not None:
            for start in range(0, len(kept), SLICE):
                yield
                some = range(start, min(start + SLICE, len(kept)))
                places.update(n for n in some if follows(item, kept[n]) and of_slot(mine, kept[n].text))
        chosen = [(kept[n], float(near[n])) for n in sorted(places)]
        self.found = [(i, likeness) for i, likeness in chosen if follows(item, i) and i.at <= item.at]
        assert all(i.subject == item.subject for i, _ in self.found), "a shelf is of one person"


def related(item: Item, older: Older, *, by_meaning: bool = False) -> tuple[Item, ...]:
    """Those that `item` may take the place of, nearest first: those near to it or that the rules take for values of the same
    thing. What one message says side by side is no next value but where the rules see one. What happened is never undone by what
    happens next, and, unless whoever decides goes `by_meaning`, what holds on some occasions not by what holds always, nor by
    what happens."""
    if item.kind not in LASTING and not (by_meaning and item.kind == "event"):
        return ()
    mine, narrow = slot(item.text), scope_of(item) is not None

    def apart(other: Item) -> bool:
        return not set(item.sources) & set(other.sources)

    near = [
        (likeness, i)
        for i, likeness in older
        if i.kind in LASTING
        and (
            of_slot(mine, i.text)
            or (apart(i) and likeness >= RELATED and (by_meaning or narrow == (scope_of(i) is not None)))
        )
    ]
    return tuple(i for _, i in sorted(near, key=lambda pair: (-pair[0], pair[1].id)))


def linked(item: Item, older: Older, closed: Collection[str]) -> Item | None:
    """`item` as the next value of those among `closed` and of what it only says again before the same people; None where it adds
    nothing to what they all heard before. Words that their subject put right stay when they are said once more: only another
    value takes their place."""
    right = {i.id for i, _ in older if i.edited and _wording(i.text) == _wording(item.text)}
    if (right or any(i.text.casefold() == item.text.casefold() for i, _ in older)) and any(
        old.id in right if old.edited and old.until is None else _covers(old, item)
        for old in dated(admitted((i for i, _ in older), item.audience))
    ):
        return None
    again = {
        i.id for i, likeness in older if i.audience == item.audience and not i.edited and _repeats(item, i, likeness)
    }
    return replaced(item, (i for i, _ in older), {*closed, *again} - right)


def _wording(text: str) -> tuple[str, ...]:
    """Its words, whatever stands between them."""
    return tuple(re.findall(r"[\w']+", text.casefold()))


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
