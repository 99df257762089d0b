"""What is kept of me: to read, to put right, to open to others or keep to fewer, to forget and to take along."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from fastapi import APIRouter

from app import metrics
from app.api.access import Caller, Here
from app.api.beliefs import beliefs_of
from app.erasing import Eraser, Wanted
from app.errors import BadInput, NotFound
from app.parts import Parts
from app.portraits import infers, journeys_of, portrait, telling
from app.profile import (
    ConsentView,
    ExportView,
    Forget,
    GoneView,
    HearerView,
    ItemChange,
    ItemView,
    JourneyView,
    ProfileChange,
    ProfileView,
    SentenceView,
    SourceView,
    SummaryView,
)
from app.protocol import Id
from app.store import Store
from app.store.credentials import User
from inference.metered import Metered
from memory.audience import people
from memory.consent import Consent
from memory.item import Item
from memory.journeys import named
from memory.scope import scope_of
from personalization.summary import TooLongError, written

router = APIRouter(tags=["profile"])
LISTED = 40
"""Sentences that a preview of forgetting shows."""
NAMING = 3.0
"""Seconds that naming interests may take; then they have the names that the rule gives."""


@router.get("/me/profile")
async def read(parts: Here, caller: Caller) -> ProfileView:
    """Everything that is remembered of me, each with the messages that it came from and who may hear it."""
    return await profile_of(parts, caller)


@router.put("/me/profile")
async def write(change: ProfileChange, parts: Here, caller: Caller) -> ProfileView:
    """What agents keep in mind of me, in my own words: it wins over every inference, and holds at once."""
    wanted, audience = change.summary, None
    if wanted.room is not None:
        if await parts.store.members.role(wanted.room, caller.id) is None:
            raise NotFound("no such room of yours", "room", wanted.room)
        audience = people(await parts.store.members.of_room(wanted.room))
    if wanted.text is None:
        await parts.store.summaries.remove(caller.id, audience)
    else:
        try:
            written(wanted.text, parts.clock.now())
        except TooLongError as error:
            raise BadInput(str(error), "text", wanted.text[:80]) from error
        await parts.store.summaries.put(caller.id, wanted.text.strip(), audience, parts.clock.now())
    return await profile_of(parts, caller)


@router.patch("/me/profile/items/{item}")
async def change(item: Id, change: ItemChange, parts: Here, caller: Caller) -> ProfileView:
    """My words win over what was concluded; a wider or narrower audience holds at once."""
    if change.public and change.audience is not None:
        raise BadInput("what is public has no audience", "audience", change.audience)
    if change.public is False and change.audience is None:
        raise BadInput("say who may hear it then", "audience", None)
    eraser = _eraser(parts)
    if change.text is not None:
        await eraser.correct(caller.id, item, change.text.strip())
    if change.public or change.audience is not None:
        await eraser.open_to(caller.id, item, change.audience)
    return await profile_of(parts, caller)


@router.post("/me/forget")
async def forget(what: Forget, parts: Here, caller: Caller) -> GoneView:
    """Gone from memory, thoughts, runs, suggestions and caches, and from the files of the database. It cannot be undone."""
    wanted = Wanted(what.item, what.topic, what.room, (), what.everything, what.keep_messages)
    if what.preview:
        items, messages = await _eraser(parts).named(caller.id, wanted)
        words = dict.fromkeys([item.text for item in items] + [message.text for message in messages])
        return GoneView(items=len(items), messages=len(messages), thoughts=0, words=tuple(words)[:LISTED])
    gone = await _eraser(parts).forget(caller.id, wanted)
    return GoneView(items=gone.items, messages=gone.messages, thoughts=gone.thoughts)


@router.get("/me/consent")
async def consent(parts: Here, caller: Caller) -> ConsentView:
    return _view(await parts.store.consents.get(caller.id))


@router.put("/me/consent")
async def agree(given: ConsentView, parts: Here, caller: Caller) -> ConsentView:
    """Holds from now on. What is kept already is not used while `remember` is off, and is not erased: that is `/me/forget`."""
    await _eraser(parts).agree(caller.id, Consent(given.observe, given.remember, given.infer))
    return given


@router.get("/me/export")
async def export(parts: Here, caller: Caller) -> ExportView:
    return ExportView(
        at=parts.clock.now(),
        profile=await profile_of(parts, caller),
        messages=list(await parts.store.messages.of_author(caller.id)),
        rooms=[row.id for row in await parts.store.rooms.of_user(caller.id)],
    )


def _view(consent: Consent) -> ConsentView:
    return ConsentView(observe=consent.observe, remember=consent.remember, infer=consent.infer)


def _eraser(parts: Parts) -> Eraser:
    return Eraser(parts.store, parts.rooms, parts.engine.embedder, parts.clock)


async def profile_of(parts: Parts, user: User) -> ProfileView:
    store = parts.store
    now = parts.clock.now()
    items = await store.items.of_subject(user.id)
    names = await store.users.names({one for item in items for one in item.audience})
    sources = await store.messages.sources({one for item in items for one in item.sources})
    return ProfileView(
        id=user.id,
        name=user.name,
        consent=_view(await store.consents.get(user.id)),
        beliefs=(await beliefs_of(parts, user)).beliefs,
        items=[_item(item, names, sources) for item in items],
        summaries=[await _summary(store, user, row.id, now) for row in await store.rooms.of_user(user.id)],
        journeys=await _journeys(parts, user.id, items),
    )


async def _journeys(parts: Parts, user: str, items: Sequence[Item]) -> list[JourneyView]:
    if not await infers(parts.store, user):
        return []
    # Grouping is arithmetic for a while: not on the loop that messages pass.
    found = await asyncio.to_thread(journeys_of, user, telling(items))
    texts = {i.id: i.text for i in items}
    names, model = [j.name for j in found], Metered(parts.engine.model, metrics.tokens)
    with suppress(TimeoutError):
        async with asyncio.timeout(NAMING):
            for place, j in enumerate(found):
                names[place] = await named(j, [texts[one] for one in j.sources], model, 0)
    return [
        JourneyView(id=j.id, name=name, first_seen=j.first_seen, last_seen=j.last_seen, items=list(j.sources))
        for j, name in zip(found, names, strict=True)
    ]


async def _summary(store: Store, user: User, room: str, now: datetime) -> SummaryView:
    present = people(await store.members.of_room(room))
    known = await store.items.about(user.id, present)
    made = (await portrait(store, user.id, user.name, known, present, now)).summary
    return SummaryView(
        room=room,
        by="nobody" if made is None else "items" if made.by == "items" else "me",
        text="" if made is None else made.text,
        sentences=[] if made is None else [SentenceView(text=s.text, items=list(s.items)) for s in made.sentences],
        at=now if made is None else made.at,
    )


def _item(item: Item, names: dict[str, str], sources: dict[str, SourceView]) -> ItemView:
    return ItemView(
        id=item.id,
        kind=item.kind,
        text=item.text,
        by=item.by,
        room=item.room,
        at=item.at,
        since=item.since,
        until=item.until,
        scope=None if (found := scope_of(item)) is None else found.words if found.holds else f"except {found.words}",
        confidence=item.confidence,
        audience=[HearerView(id=one, name=names.get(one)) for one in sorted(item.audience)],
        public=item.public,
        edited=item.edited,
        corrects=item.corrects,
        sources=[sources.get(one, SourceView(id=one)) for one in item.sources],
    )
