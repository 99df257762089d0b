"""Which items hold now: a newer value closes the older one, for those who heard both."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from memory.audience import admitted
from memory.item import LASTING, Item


@dataclass(frozen=True, slots=True)
class Recalled:
    """An item and what agents answered to it, oldest first: a claim that was corrected is never shown alone."""

    item: Item
    corrections: tuple[Item, ...] = ()


def replaced(newer: Item, older: Iterable[Item], same: Collection[str]) -> Item:
    """`newer` as the next value of those of `older` that are among `same`: of its subject and kind, and said before it. What
    happened takes the place of what held until then: "we sold the boat" of "we have a boat"."""
    closed = tuple(
        i.id
        for i in older
        if i.id in same and i.id != newer.id and i.subject == newer.subject and follows(newer, i) and i.at <= newer.at
    )
    return replace(newer, replaces=closed)


def follows(newer: Item, older: Item) -> bool:
    """Whether one may be the next value of the other, by their kinds."""
    return newer.kind == older.kind or (older.kind in LASTING and newer.kind in (*LASTING, "event"))


def dated(items: Iterable[Item]) -> tuple[Item, ...]:
    """Each with `until` set to when the first of `items` that replaces it began. `until` is a matter of who listens: what
    somebody said in private must not close, before the others, what they all know."""
    known = tuple(items)
    ends: dict[str, datetime] = {}
    for item in known:
        for older in item.replaces:
            ends[older] = min(item.since, ends.get(older, item.since))
    return tuple(replace(i, until=ends.get(i.id)) for i in known)


def standing(items: Iterable[Item], present: Collection[str]) -> tuple[Item, ...]:
    """Those that `present` may hear and that hold as far as `present` knows, in the order given."""
    return tuple(i for i in dated(admitted(items, present)) if i.until is None)


def beside(chosen: Iterable[Item], known: Iterable[Item]) -> tuple[Recalled, ...]:
    """Each of `chosen` that is no correction with the corrections of it among `known`. A correction that is chosen stands
    for its claim, where that is known too."""
    by_id: Mapping[str, Item] = {i.id: i for i in known}
    answers: dict[str, list[Item]] = {}
    for item in by_id.values():
        if item.corrects is not None:
            answers.setdefault(item.corrects, []).append(item)
    claims = dict.fromkeys(i.corrects or i.id for i in chosen)
    return tuple(
        Recalled(by_id[one], tuple(sorted(answers.get(one, ()), key=lambda a: (a.at, a.id))))
        for one in claims
        if one in by_id
    )
