"""Why an agent spoke or stayed silent: for every member, and without anybody's private matter."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from app.api.access import Caller, Here, InRoom, OfRun
from app.errors import NotFound
from app.logged import logged
from app.parts import Parts
from app.protocol import RunView, Seq
from app.review import ArgumentView, WhysView, WhyView
from heuristics.calibration import Calibration, calibration_for
from thoughts.why import why

router = APIRouter(tags=["why"])


class Place(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seq: Seq


@router.get("/runs/{run}/why")
async def of_run(of: OfRun, parts: Here) -> WhyView:
    """Every member of its room."""
    return await _view(of.run, parts)


@router.get("/rooms/{room}/why")
async def of_message(place: Annotated[Place, Query()], room: InRoom, parts: Here, caller: Caller) -> WhysView:
    """Every member. Of an agent's message: why it was said. Of any other: why each agent spoke, or did not, about it."""
    page = await parts.store.messages.page(room.id, place.seq - 1, place.seq + 1, 1)
    if not page:
        raise NotFound("no message with this seq in this room", "seq", place.seq)
    (message,) = page
    said = await parts.store.runs.of_message(room.id, message.id)
    agents = [m.id for m in room.members() if m.role == "agent" and m.id != message.author.id]
    runs = [said] if said else [await parts.store.runs.about(room.id, place.seq, agent) for agent in agents]
    whys = [await _view(run, parts) for run in runs if run is not None]
    return WhysView(
        whys=whys, words=[] if whys else ["No agent thought about this message: none has come to decide on it."]
    )


def _weighing(run: RunView, calibration: Calibration) -> Calibration:
    return calibration if run.basis is None else run.basis.policy.weighing(calibration)


async def _view(run: RunView, parts: Parts) -> WhyView:
    stored = logged(run)
    thought = next((t for t in stored.thoughts if t.id == stored.decision.thought), None)
    told = why(
        stored.decision,
        run.gate,
        run.error is not None and run.decision.act == "silent",
        run.outcome,
        None if thought is None else thought.motivation,
        () if thought is None else thought.scores,
        _weighing(run, calibration_for(parts.engine.model.name)).weights,
    )
    message = None if run.message is None else await parts.store.messages.get(run.room, run.message)
    return WhyView(
        run=run.id,
        agent=run.agent,
        seq=run.trigger.seq,
        act=run.decision.act,
        branch=run.decision.branch,
        motivation=None if thought is None else thought.motivation,
        bar=run.decision.bar,
        bound=run.decision.bound,
        words=list(told.words),
        speaking=[ArgumentView(**asdict(one)) for one in told.speaking],
        against=[ArgumentView(**asdict(one)) for one in told.against],
        said=None if message is None else message.text,
        at=run.at,
    )
