"""Reading rooms for what is worth keeping: off the path of messages, in batches, one room at a time."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app import metrics
from app.clock import Clock, Timer
from app.errors import NotFound, Unavailable
from app.store import Store
from app.store.items import BREATH
from app.store.keeping import Batch, Told
from app.store.owners import Fenced
from app.store.tokens import new_id
from app.tasks import Tasks
from conversation.message import Message
from inference.calls import OWNER
from inference.engine import Engine
from inference.metered import Metered
from inference.protocol import ModelError
from memory.audience import admitted
from memory.item import LASTING, Item, ItemKind
from memory.sentences import sentences
from memory.sorting import CLOSES, KEEPS, Sorter
from memory.writing import Older, Shelf, linked, related

log = logging.getLogger(__name__)

LULL = 15.0
"""Seconds after the first unread message of a room until it is read: what is said meanwhile comes in the same batch."""
BATCH = 32
"""Messages that are read at once."""
COMPARED = 12
"""Older statements that a model is asked about for one new statement at most, the nearest."""
ENDING, ENDABLE = 0.25, 2
"""Cosine from which, and number of, older statements that a sentence which is not worth keeping by itself is held against: "red
it is now!" tells something only beside "my hair is brown"."""
BESIDE = 0.3
"""Cosine to one of them from which a sentence that may be worth keeping is kept."""
AGAIN = 60.0
"""Seconds until a room is read again after the model or the database failed."""
REST = 4.0
LONGEST = 0.1
"""The reader rests after a batch, REST times as long as it took and LONGEST seconds at most: beside rooms full of talk it takes
a fifth of the loop, and messages the rest."""
BUSY = 100
PATIENCE = 30.0
LOOK = 0.25
"""While more than BUSY messages a second come into the rooms of this process a batch waits, PATIENCE seconds at most, and
looks again each LOOK: what is said goes first."""
SWEEP = 3_600.0
"""Seconds between looks for what is older than the retention."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A sentence that may become an item."""

    text: str
    told: Told


class Remembering:
    """The reader of this process. `notice` may be called from anywhere on the loop and never waits."""

    def __init__(self, store: Store, engine: Engine, clock: Clock, tasks: Tasks, retention: int) -> None:
        self._store = store
        self._engine = engine
        self._clock = clock
        self._tasks = tasks
        self._retention = retention
        self._sorter = Sorter(Metered(engine.model, metrics.tokens))
        self._waiting: dict[str, Timer] = {}
        self._fences: dict[str, int | None] = {}
        self._due: list[str] = []
        self._reading: str | None = None
        self._work: asyncio.Task[None] | None = None
        self._sweeper: Timer | None = None
        self._heard: deque[float] = deque(maxlen=BUSY)
        self._closed = False

    def start(self) -> None:
        self._sweep()

    def notice(self, room: str, fence: int | None, wait: float = LULL) -> None:
        """Something was said in `room`, which this process owns under `fence`."""
        self._fences[room] = fence
        self._heard.append(time.monotonic())
        if not self._closed and room not in self._waiting and room not in self._due:
            self._waiting[room] = self._clock.call_later(wait, lambda: self._fall_due(room))

    def awaits(self, room: str) -> bool:
        """Whether it is still to be read, or just being read."""
        return room in self._waiting or room in self._due or room == self._reading

    def leave(self, room: str) -> None:
        """Another process reads it now."""
        self._fences.pop(room, None)
        if (timer := self._waiting.pop(room, None)) is not None:
            timer.cancel()

    async def rest(self) -> None:
        """Returns when no room is being read."""
        while self._work is not None:
            await asyncio.wait([self._work])
            await asyncio.sleep(0)

    async def close(self) -> None:
        self._closed = True
        for timer in (*self._waiting.values(), *([self._sweeper] if self._sweeper else [])):
            timer.cancel()
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    def _fall_due(self, room: str) -> None:
        self._waiting.pop(room, None)
        self._due.append(room)
        if self._work is None and not self._closed:
            self._work = self._tasks.start(self._read_all(), "remember")

    async def _read_all(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while self._due:
                room = self._reading = self._due.pop(0)
                if room not in self._fences:
                    continue
                OWNER.set(room)
                await self._lull()
                began = clock()
                try:
                    if await self.read(room, self._fences[room]):
                        self._due.append(room)  # the others come first
                except (ModelError, Unavailable) as error:
                    log.warning("room %s is read again later: %s", room, error)
                    self.notice(room, self._fences[room], AGAIN)
                except (Fenced, NotFound) as error:
                    log.info("room %s is not read here any more: %s", room, error)
                    self.leave(room)
                await asyncio.sleep(min(LONGEST, REST * (clock() - began)))
        finally:
            self._work = self._reading = None

    async def _lull(self) -> None:
        for _ in range(round(PATIENCE / LOOK)):
            if len(self._heard) < BUSY or self._heard[0] < time.monotonic() - 1.0:
                return
            await asyncio.sleep(LOOK)

    async def read(self, room: str, fence: int | None) -> bool:
        """One batch; whether there is more. Raises ModelError, Unavailable, Fenced, NotFound."""
        batch = await self._store.keeping.unread(room, BATCH)
        if not batch.told and not batch.more:
            return False
        items = await self._proposed(room, batch)
        kept = await self._store.keeping.keep(room, items, batch, fence)
        if kept:
            log.info("room %s: %d items kept of %d messages", room, len(kept), len(batch.told))
        return batch.more

    async def _proposed(self, room: str, batch: Batch) -> list[Item]:
        """What the batch gives: nothing that a person does not let be kept ever comes before the model."""
        said = [t for t in batch.told if t.message.author.kind == "human" and t.keeps and t.audience]
        drafts = [
            _Draft(text, t) for t in said if t.message.author.id in t.audience for text in sentences(t.message.text)
        ]
        kinds = await self._sorter.kinds([d.text for d in drafts])
        told = list(zip(drafts, kinds, strict=True))
        made = [_item(room, d, "event", 0.0) if k is None else _item(room, d, k.kind, k.confidence) for d, k in told]
        passing = frozenset(i.id for i, (_, k) in zip(made, told, strict=True) if k is None or k.confidence < KEEPS)
        items = {i.id: i for i in await self._narrowed([i for i in made if i.id not in passing])}
        answered = await self._corrections(room, batch, list(items.values()))
        claimed = {(i.sources, i.text) for i in answered}
        held = passing if self._sorter.by_meaning else frozenset[str]()
        some = [
            items.get(i.id, i) for i in made if i.id in items or (i.id in held and (i.sources, i.text) not in claimed)
        ]
        some += answered
        vectors = await self._engine.embedder.embed([i.text for i in some]) if some else ()
        placed = [replace(i, embedding=tuple(v)) for i, v in zip(some, vectors, strict=True)]
        return await self._in_order(placed, passing)

    async def _narrowed(self, items: Sequence[Item]) -> list[Item]:
        """Each with the circumstance that the model sees in it."""
        lasting = [i for i in items if i.kind in LASTING]
        named = await self._sorter.circumstances([i.text for i in lasting])
        found = {i.id: circumstance for i, circumstance in zip(lasting, named, strict=True)}
        return [replace(i, circumstance=found.get(i.id, "")) for i in items]

    async def _corrections(self, room: str, batch: Batch, items: Sequence[Item]) -> list[Item]:
        """What agents of the room answered to claims, beside them; a claim that nobody kept is kept now."""
        by_id = {t.message.id: t for t in batch.told}
        pairs: list[tuple[Told, Told]] = []
        before: Told | None = None
        for told in batch.told:
            if told.message.author.kind == "agent":
                claim = by_id.get(told.message.reply_to or "") or before
                if claim is not None and claim.keeps and claim.message.author.id in claim.audience:
                    pairs.append((claim, told))
            before = told if told.message.author.kind == "human" else None
        found = await self._sorter.corrects([(c.message.text, a.message.text) for c, a in pairs])
        made: list[Item] = []
        for (claim, answer), corrected in zip(pairs, found, strict=True):
            subject = claim.message.author.id
            if not corrected or subject not in answer.audience or not (claimed := sentences(claim.message.text)):
                continue
            known = next((i for i in items if i.sources == (claim.message.id,) and i.kind == "claim"), None)
            if known is None:
                known = _item(room, _Draft(claimed[0], claim), "claim", 0.7)
                made.append(known)
            made.append(_correction(room, answer.message, answer.audience, known))
        return made

    async def _in_order(self, items: Sequence[Item], passing: frozenset[str]) -> list[Item]:
        """Each with what it takes the place of. What says nothing new is left out, and so is what is `passing`, unless it ends
        something, or may be worth keeping and lies near to something of the kind."""
        kept: list[Item] = []
        shelves = {who: await self._store.items.shelf(who) for who in sorted({i.subject for i in items})}
        for item in items:
            if item.kind == "correction":
                kept.append(item)
                continue
            shelf = shelves[item.subject]
            for _ in (comparing := shelf.comparing(item)):
                await asyncio.sleep(BREATH)  # a shelf of a thousand takes milliseconds: acknowledgements go first
            older = comparing.found
            if item.id in passing:
                asked = _endable(item, older, shelf)
            else:
                asked = related(item, older, by_meaning=self._sorter.by_meaning)
                asked = asked if self._sorter.by_rules else asked[:COMPARED]
            closes = await self._sorter.closes([(item.text, old.text) for old in asked])
            closed = {old.id: old for old, yes in zip(asked, closes, strict=True) if yes}
            await asyncio.sleep(BREATH)
            if item.id in passing:
                if closed:
                    item = replace(item, kind=next(iter(closed.values())).kind, confidence=CLOSES)
                elif item.confidence == 0.0 or not any(n >= BESIDE for i, n in older if i in asked):
                    continue
                (item,) = await self._narrowed([item])
            if (new := linked(item, older, closed)) is not None:
                kept.append(new)
                shelf.add(new)
        return kept

    def _sweep(self) -> None:
        """What is older than the retention goes, now and every hour."""
        if self._closed or not self._retention:
            return
        before = self._clock.now() - timedelta(days=self._retention)
        self._tasks.start(self._expire(before), "retention")
        self._sweeper = self._clock.call_later(SWEEP, self._sweep)

    async def _expire(self, before: datetime) -> None:
        gone = 0
        while some := await self._store.erasing.expire(before):
            gone += some
        if gone:
            await self._store.erasing.settle()
            log.info("retention: %d items from before %s are gone", gone, before)


def _endable(item: Item, older: Older, shelf: Shelf) -> tuple[Item, ...]:
    """What `item` may end that all who heard it know, and that holds as far as they know: whether it is kept must not tell them
    of what they do not. Words that were put right are ended by nothing that is only near to them, and nothing by its own
    message."""
    near = {
        i.id: n for i, n in older if n >= ENDING and i.kind in LASTING and not i.edited and i.sources != item.sources
    }
    if not near:
        return ()
    known = admitted((i for i, _ in older if i.id in near), item.audience)
    ended = {one for i in admitted(shelf.items, item.audience) for one in i.replaces}
    return tuple(sorted((i for i in known if i.id not in ended), key=lambda i: (-near[i.id], i.id))[:ENDABLE])


def _item(room: str, draft: _Draft, kind: ItemKind, confidence: float) -> Item:
    message = draft.told.message
    who = message.author.id
    return Item(
        id=new_id(),
        kind=kind,
        text=draft.text,
        subject=who,
        by=who,
        room=room,
        at=message.at,
        sources=(message.id,),
        audience=draft.told.audience,
        since=message.at,
        confidence=confidence,
    )


def _correction(room: str, answer: Message, audience: frozenset[str], claim: Item) -> Item:
    return Item(
        id=new_id(),
        kind="correction",
        text=" ".join(answer.text.split())[:240],
        subject=claim.subject,
        by=answer.author.id,
        room=room,
        at=answer.at,
        sources=(answer.id,),
        audience=audience | {claim.subject},
        since=answer.at,
        corrects=claim.id,
    )
