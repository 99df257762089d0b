"""What the agents of a room would say: shown to its owners, who let it through, word it anew or turn it down."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from app.api.access import Caller, Here, InRoom, require
from app.discretion import without_words
from app.errors import BadInput, Conflict, NotFound, WireError
from app.frames import SuggestionEvent
from app.parts import Parts
from app.protocol import Id
from app.review import LabelView, SuggestionAnswer, SuggestionsView, SuggestionView
from app.room import Room
from app.store.credentials import Bearer
from memory.audience import may_hear, people
from thoughts import reservoir
from thoughts.suggestion import overtaken

router = APIRouter(tags=["suggestions"])


class SuggestionFilter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mode: Literal["suggest", "shadow"] | None = None
    state: Literal["open", "said", "accepted", "rejected", "expired"] | None = None


@router.get("/rooms/{room}/suggestions")
async def read(
    wanted: Annotated[SuggestionFilter, Query()], room: InRoom, parts: Here, caller: Caller
) -> SuggestionsView:
    """Owners. Of the last hundred, newest first. With `mode=shadow`: what an agent in shadow would have said, for review."""
    require(room, caller, "manage")
    stored = await parts.store.suggestions.of_room(room.id, wanted.mode)
    found = [without_words(_now(one, room, parts), [caller.id]) for one in stored]
    return SuggestionsView(suggestions=[one for one in found if wanted.state in (None, one.state)])


@router.post("/suggestions/{run}")
async def answer(run: Id, given: SuggestionAnswer, parts: Here, caller: Caller) -> SuggestionView:
    """Owners of its room. Accepting posts what an agent in `suggest` would say, in the owner's words where `text` is given. What
    an agent in `shadow` would have said is only labelled. Either way it becomes a label."""
    found = await parts.store.suggestions.get(run)
    missing = NotFound("no such suggestion, or you are not in its room", "run", run)
    if found is None:
        raise missing
    room = await parts.rooms.asked(found.room, caller.id)
    if room.role(caller.id) is None:
        raise missing
    require(room, caller, "manage")
    if given.text is not None and (given.verdict == "reject" or found.mode == "shadow"):
        raise BadInput("only what is to be said can be put in other words", "text", given.text)
    if _now(found, room, parts).state == "expired":
        raise Conflict("the room has gone on since", "run", run)
    if found.audience is not None and not may_hear(frozenset(found.audience), people(room.members())):
        raise Conflict("somebody is here now who may not hear what it is made of", "run", run)
    settled = await _settle(found, given, room, parts, caller)
    await parts.store.labels.put(_label(settled, given, caller))
    if settled.mode == "suggest":
        room.broadcast_owners(SuggestionEvent(room=room.id, suggestion=settled))
    return settled


def _label(settled: SuggestionView, given: SuggestionAnswer, caller: Bearer) -> LabelView:
    assert settled.decided_at is not None
    return LabelView(
        room=settled.room,
        user=caller.id,
        agent=settled.agent,
        run=settled.run,
        seq=None,
        verdict="good" if given.verdict == "accept" else "too_much",
        source="suggestion",
        at=settled.decided_at,
    )


async def _settle(
    found: SuggestionView, given: SuggestionAnswer, room: Room, parts: Parts, caller: Bearer
) -> SuggestionView:
    states = {("accept", "suggest"): "said", ("accept", "shadow"): "accepted"}
    state = states.get((given.verdict, found.mode), "rejected")
    suggestions, now = parts.store.suggestions, parts.clock.now()
    settled = await suggestions.change(found.run, "open", state=state, by=caller.id, decided_at=now)
    if state != "said":
        return settled
    text = given.text or found.text
    try:
        message = await room.post_agent(found.agent, f"run-{found.run}", text, found.reply_to)
    except WireError:
        await suggestions.change(found.run, "said", state="open", by=None, decided_at=None)
        raise
    await _spoken(found, room, parts, message.id)
    return await suggestions.change(found.run, "said", message=message.id, text=text)


async def _spoken(found: SuggestionView, room: Room, parts: Parts, message: str) -> None:
    run = await parts.store.runs.finish_run(found.room, found.run, "said", message, None)
    held = await parts.store.thoughts.held(room.id, found.agent)
    thought = next((t for t in held if t.id == run.decision.thought), None)
    if thought is not None:
        await parts.store.thoughts.save_thoughts(room.id, reservoir.said(thought, held))


def _now(one: SuggestionView, room: Room, parts: Parts) -> SuggestionView:
    """As it stands now: one that the room has overtaken is no longer open."""
    gone = one.mode == "suggest" and one.state == "open" and overtaken(one.seq, one.at, room.head, parts.clock.now())
    return one.model_copy(update={"state": "expired"}) if gone else one
