"""The thought log."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.access import Caller, Here, InRoom, OfRun, require
from app.api.agents import check_policy
from app.discretion import run_for
from app.protocol import Id, RunsView, RunView
from app.rates import TRIALS
from app.redecide import decide_again
from app.review import RedecideAsk, RedecideView

router = APIRouter(tags=["runs"])


class RunPage(BaseModel):
    """`after` and `before` are ids of runs; `decision` keeps the runs that decided so."""

    model_config = ConfigDict(extra="forbid")

    after: Id | None = None
    before: Id | None = None
    decision: Literal["speak", "react", "hold", "silent"] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("/rooms/{room}/runs")
async def read(page: Annotated[RunPage, Query()], room: InRoom, parts: Here, caller: Caller) -> RunsView:
    """Owners and observers. Newest first; what was told before others only, without its words."""
    require(room, caller, "see thoughts")
    found = await parts.store.runs.list_runs(room.id, page.after, page.before, page.decision, page.limit + 1)
    kept = [run_for(run, [caller.id]) for run in found[: page.limit]]
    return RunsView(runs=kept, next=kept[-1].id if len(found) > page.limit else None)


@router.get("/runs/{run}")
async def one(of: OfRun, caller: Caller) -> RunView:
    """Owners and observers of its room."""
    require(of.room, caller, "see thoughts")
    return run_for(of.run, [caller.id])


@router.post("/rooms/{room}/redecide")
async def redecide(ask: RedecideAsk, room: InRoom, parts: Here, caller: Caller) -> RedecideView:
    """Owners and observers. The stored log decided again under another policy, calibration or weights: which decisions flip,
    and how much the agent would have said. No model is asked, and nothing is changed."""
    require(room, caller, "see thoughts")
    parts.meter.take("logs decided again for one person", caller.id, TRIALS, parts.clock.tick())
    check_policy(ask.policy, at="")
    return await decide_again(parts.store, room.id, ask, parts.engine.model.name)
