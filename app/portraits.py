"""What agents make of a person for one room: a summary and interests, from items that everybody there may hear, or in the
person's own words. Nothing of it is stored but those."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.store import Store
from conversation.moment import Moment
from memory.audience import common, people, reach
from memory.item import Item
from memory.journeys import Journey, Source, journeys
from memory.recall import Candidates
from memory.saliency import Trace
from memory.scope import scope_of
from personalization.summary import Edit, Summary, in_force
from thoughts.known import NOTHING_KNOWN, Known
from thoughts.use import asked_of

RECENT = 200
"""Newest items of a person that a portrait is made of."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """`summary` is None where nothing may be said. `sources`: the items that it came from."""

    summary: Summary | None = None
    sources: tuple[Item, ...] = ()
    audience: frozenset[str] | None = None


NOBODY = Portrait()


async def infers(store: Store, user: str) -> bool:
    """Whether the person lets agents conclude more than they said."""
    consent = await store.consents.get(user)
    return consent.observe and consent.remember and consent.infer


async def portrait(
    store: Store, user: str, name: str, known: Sequence[Item], present: Collection[str], now: datetime
) -> Portrait:
    """Of `user` for a room in which `present` are; empty where they do not let agents infer. `known`: items of theirs that
    `present` may hear, newest first."""
    if not present or not await infers(store, user):
        return NOBODY
    return summary_of(name, await store.summaries.of(user), lasting(telling(known)), frozenset(present), now)


def telling(known: Sequence[Item]) -> tuple[Item, ...]:
    """Those of `known` that a portrait is made of: the newest that hold."""
    return tuple(i for i in known if i.until is None and i.kind != "correction")[:RECENT]


def lasting(said: Iterable[Item]) -> tuple[Item, ...]:
    """Those of `said` that hold whatever the occasion: a summary is used on every one. The others come to mind when theirs has
    come."""
    return tuple(i for i in said if (found := scope_of(i)) is None or not found.firm)


def summary_of(
    name: str, edits: Sequence[Edit], said: Sequence[Item], present: frozenset[str], now: datetime
) -> Portrait:
    """Pure. `said`: items that hold and that `present` may hear."""
    summary = in_force(name, edits, said, present, now)
    if summary is None or not summary.text:
        return Portrait(summary)
    named = {one for sentence in summary.sentences for one in sentence.items}
    sources = tuple(i for i in said if i.id in named)
    if summary.by == "items":
        return Portrait(summary, sources, common(map(reach, sources)))
    usable = [e for e in edits if e.audience is None or e.audience >= present]
    return Portrait(summary, (), max(usable, key=lambda e: e.at).audience)


def journeys_of(user: str, said: Sequence[Item]) -> tuple[Journey, ...]:
    """Pure. Items that another embedder placed are passed over."""
    placed = [i for i in said if i.embedding]
    dims = {len(i.embedding) for i in placed[:1]}
    return journeys(user, [Source(i.id, i.text, i.at, i.embedding) for i in placed if len(i.embedding) in dims])


def told(made: Portrait, user: str) -> Trace | None:
    """The summary as something that may come into a prompt."""
    if made.summary is None or not made.summary.text:
        return None
    return Trace(f"summary-{user}", "item", made.summary.text, (), audience=made.audience)


async def known_of(store: Store, moment: Moment, candidates: Candidates) -> Known:
    """What a reply may know of whom it would answer, beside what comes to mind. `candidates`: what the room may hear."""
    about = asked_of(moment)
    if about is None or about.author.kind != "human":
        return NOTHING_KNOWN
    author, here = about.author, people(moment.members)
    made = await portrait(store, author.id, author.name, own(candidates, author.id), here, moment.now)
    if (summary := told(made, author.id)) is None:
        return NOTHING_KNOWN
    return Known(summary=summary, sources=tuple(_source(i) for i in made.sources))


def own(candidates: Candidates, user: str) -> tuple[Item, ...]:
    """Those of `user`, newest first."""
    mine = (i for i in candidates.items if i.subject == user)
    return tuple(sorted(mine, key=lambda i: (-i.at.timestamp(), i.id)))


def _source(item: Item) -> Trace:
    return Trace(item.id, "item", item.text, item.embedding, audience=reach(item))
