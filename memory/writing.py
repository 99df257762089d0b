"""What a new item is to those that are kept already: nothing new, or the next value of some of them.

What some people know of an item must not hang on what they have not heard, so each pair is looked at by itself.
"""

from collections.abc import Collection, Sequence

from memory.audience import admitted
from memory.item import Item
from memory.saliency import cosine
from memory.slots import SAME, opposed, same_slot
from memory.validity import dated, replaced

RELATED = 0.35
"""Cosine from which an older statement is asked about whether the newer one takes its place."""


def related(item: Item, kept: Sequence[Item]) -> tuple[Item, ...]:
    """Those that `item` may take the place of, nearest first: older statements of the same person and kind that are near to it or
    that the rules take for values of the same thing. What happened is never undone by what happens next."""
    if item.kind not in ("fact", "preference"):
        return ()
    placed = [(_likeness(item, i), i) for i in _older(item, kept)]
    near = [(likeness, i) for likeness, i in placed if likeness >= RELATED or same_slot(item.text, i.text)]
    return tuple(i for _, i in sorted(near, key=lambda pair: (-pair[0], pair[1].id)))


def linked(item: Item, kept: Sequence[Item], closed: Collection[str]) -> Item | None:
    """`item` as the next value of those among `closed` and of what it only says again before the same people; None where it adds
    nothing to what they all heard before."""
    if any(_covers(old, item) for old in dated(admitted(_older(item, kept), item.audience))):
        return None
    again = {i.id for i in _older(item, kept) if i.audience == item.audience and _repeats(item, i)}
    return replaced(item, kept, {*closed, *again})


def _older(item: Item, kept: Sequence[Item]) -> list[Item]:
    return [i for i in kept if i.subject == item.subject and i.kind == item.kind and i.at <= item.at]


def _likeness(a: Item, b: Item) -> float:
    return cosine(a.embedding, b.embedding) if len(a.embedding) == len(b.embedding) else 0.0


def _repeats(item: Item, old: Item) -> bool:
    """Both say one thing: neither denies the other."""
    if item.text.casefold() == old.text.casefold():
        return True
    return _likeness(item, old) >= SAME and not opposed(item.text, old.text)


def _covers(old: Item, item: Item) -> bool:
    """The same words from the same message, or said before to more people, and they still hold."""
    if old.text.casefold() != item.text.casefold() or old.until is not None:
        return False
    return old.sources == item.sources or old.public or old.audience > item.audience
