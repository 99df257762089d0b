"""Learning from labels: shown before it is done, done by an owner, and undone with one call."""

from fastapi import APIRouter

from app.api.access import Caller, Here, InRoom, require
from app.errors import Conflict, NotFound
from app.learning import flips, learned
from app.parts import Parts
from app.protocol import Id, LearnedView
from app.review import RefitView
from app.room import Room
from heuristics.calibration import calibration_for
from thoughts.refit import NEEDED

router = APIRouter(tags=["refits"])


@router.get("/rooms/{room}/agents/{agent}/refit")
async def look(room: InRoom, agent: Id, parts: Here, caller: Caller) -> RefitView:
    """Owners and observers. What the labels would change, with the room's last runs decided again; nothing is changed."""
    require(room, caller, "see thoughts")
    return await _view(room, agent, parts)


@router.post("/rooms/{room}/agents/{agent}/refit")
async def apply(room: InRoom, agent: Id, parts: Here, caller: Caller) -> RefitView:
    """Owners. Puts it in force; `flips` tells what it would have changed."""
    require(room, caller, "manage")
    shown = await _view(room, agent, parts)
    if shown.offset is None:
        raise Conflict(f"{shown.labels} labels tell something of the bar; {NEEDED} are needed", "agent", agent)
    await parts.store.refits.apply(room.id, agent, shown.offset, shown.labels, caller.id, parts.clock.now())
    room.agents_changed()
    return shown.model_copy(update=await _in_force(room, agent, parts))


@router.delete("/rooms/{room}/agents/{agent}/refit")
async def undo(room: InRoom, agent: Id, parts: Here, caller: Caller) -> RefitView:
    """Owners. Back to what was in force before."""
    require(room, caller, "manage")
    await parts.store.refits.undo(room.id, agent)
    room.agents_changed()
    return await _view(room, agent, parts)


async def _view(room: Room, agent: str, parts: Parts) -> RefitView:
    force = await _in_force(room, agent, parts)
    found, labels = await learned(parts.store, room.id, agent)
    if found is None:
        return RefitView.model_validate({"labels": labels, "needed": NEEDED, "offset": None, **force})
    again = await flips(parts.store, room.id, agent, found.offset, calibration_for(parts.engine.model.name))
    shown = {"labels": labels, "needed": NEEDED, "offset": found.offset}
    agreed = {"agreed_before": found.before, "agreed_after": found.after}
    return RefitView.model_validate({**shown, **agreed, "flips": again, **force})


async def _in_force(room: Room, agent: str, parts: Parts) -> dict[str, LearnedView | list[LearnedView] | None]:
    view = next((one for one in await parts.store.agents.of_room(room.id) if one.id == agent), None)
    if view is None:
        raise NotFound("no such agent in this room", "agent", agent)
    return {"learned": view.learned, "versions": list(await parts.store.refits.versions(agent))}
