"""What is kept of me: to read, to put right, to open to others or keep to fewer, to forget and to take along."""

from fastapi import APIRouter

from app.api.access import Caller, Here
from app.api.beliefs import beliefs_of
from app.erasing import Eraser, Wanted
from app.errors import BadInput
from app.parts import Parts
from app.profile import (
    ConsentView,
    ExportView,
    Forget,
    GoneView,
    HearerView,
    ItemChange,
    ItemView,
    ProfileView,
    SourceView,
)
from app.protocol import Id
from app.store.users import User
from memory.consent import Consent
from memory.item import Item

router = APIRouter(tags=["profile"])


@router.get("/me/profile")
async def read(parts: Here, caller: Caller) -> ProfileView:
    """Everything that is remembered of me, each with the messages that it came from and who may hear it."""
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
    gone = await _eraser(parts).forget(caller.id, wanted)
    return GoneView(items=gone.items, messages=gone.messages, thoughts=gone.thoughts)


@router.get("/me/consent")
async def consent(parts: Here, caller: Caller) -> ConsentView:
    return _view(await parts.store.consents.get(caller.id))


@router.put("/me/consent")
async def agree(given: ConsentView, parts: Here, caller: Caller) -> ConsentView:
    """Holds from now on. What is kept already is not used while `remember` is off, and is not erased: that is `/me/forget`."""
    await parts.store.consents.put(caller.id, Consent(given.observe, given.remember, given.infer), parts.clock.now())
    for row in await parts.store.rooms.of_user(caller.id):
        (await parts.rooms.get(row.id)).agents_changed()
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
    return Eraser(parts.store, parts.rooms, parts.engine.embedder)


async def profile_of(parts: Parts, user: User) -> ProfileView:
    store = parts.store
    items = await store.items.of_subject(user.id)
    names = await store.users.names({one for item in items for one in item.audience})
    sources = await store.messages.sources({one for item in items for one in item.sources})
    return ProfileView(
        id=user.id,
        name=user.name,
        consent=_view(await store.consents.get(user.id)),
        beliefs=(await beliefs_of(parts, user)).beliefs,
        items=[_item(item, names, sources) for item in items],
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
        confidence=item.confidence,
        audience=[HearerView(id=one, name=names.get(one)) for one in sorted(item.audience)],
        public=item.public,
        edited=item.edited,
        corrects=item.corrects,
        sources=[sources.get(one, SourceView(id=one)) for one in item.sources],
    )
