"""The reservoir: what the agents of a room hold, said, retired or let go."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from app.api.access import Caller, Here, InRoom, require
from app.discretion import without_words
from app.protocol import ThoughtsView
from app.thought_views import thought_view

router = APIRouter(tags=["thoughts"])


class ThoughtFilter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal["held", "spoken", "retired", "expired"] | None = None


@router.get("/rooms/{room}/thoughts")
async def read(wanted: Annotated[ThoughtFilter, Query()], room: InRoom, parts: Here, caller: Caller) -> ThoughtsView:
    """Owners and observers. Oldest first."""
    require(room, caller, "see thoughts")
    found = await parts.store.thoughts.list_thoughts(room.id, wanted.state)
    return ThoughtsView(thoughts=[without_words(thought_view(one), [caller.id]) for one in found])
