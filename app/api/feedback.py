"""What people think of an agent's speaking and of its silence."""

from fastapi import APIRouter

from app.api.access import Caller, Here, InRoom, OfRun, require
from app.errors import BadInput, NotFound
from app.parts import Parts
from app.review import Feedback, LabelsView, LabelView, MessageFeedback
from app.room import Room

router = APIRouter(tags=["feedback"])


@router.post("/runs/{run}/feedback", status_code=201)
async def of_run(of: OfRun, given: Feedback, parts: Here, caller: Caller) -> LabelView:
    """Owners and members of its room. What the same person said of it before no longer counts."""
    require(of.room, caller, "judge")
    label = _label(of.room, caller.id, of.run.agent, of.run.id, None, given.verdict, parts)
    await parts.store.labels.put(label)
    return label


@router.post("/rooms/{room}/feedback", status_code=201)
async def of_message(given: MessageFeedback, room: InRoom, parts: Here, caller: Caller) -> LabelView:
    """Owners and members, on any message: `good` and `too_much` on one of an agent, `should_have_spoken` on every one, also where
    no agent thought about it."""
    require(room, caller, "judge")
    page = await parts.store.messages.page(room.id, given.seq - 1, given.seq + 1, 1)
    if not page:
        raise NotFound("no message with this seq in this room", "seq", given.seq)
    (message,) = page
    if given.verdict != "should_have_spoken" and message.author.kind != "agent":
        raise BadInput("this is for what an agent said; here should_have_spoken is meant", "verdict", given.verdict)
    if given.verdict == "should_have_spoken":
        agent = _who(given, room)
        run = await parts.store.runs.about(room.id, given.seq, agent)
    else:
        agent = message.author.id
        run = await parts.store.runs.of_message(room.id, message.id)
    seq = given.seq if run is None else None
    label = _label(room, caller.id, agent, None if run is None else run.id, seq, given.verdict, parts)
    await parts.store.labels.put(label)
    return label


@router.get("/rooms/{room}/labels")
async def read(room: InRoom, parts: Here, caller: Caller) -> LabelsView:
    """Owners and observers. The last thousand, oldest first."""
    require(room, caller, "see thoughts")
    return LabelsView(labels=list(await parts.store.labels.of_room(room.id)))


def _who(given: MessageFeedback, room: Room) -> str | None:
    """None where nobody in particular is meant."""
    agents = [m.id for m in room.members() if m.role == "agent"]
    if given.agent is not None and given.agent not in agents:
        raise NotFound("no such agent in this room", "agent", given.agent)
    return given.agent or (agents[0] if len(agents) == 1 else None)


def _label(
    room: Room, user: str, agent: str | None, run: str | None, seq: int | None, verdict: str, parts: Parts
) -> LabelView:
    label = {"room": room.id, "user": user, "agent": agent, "run": run, "seq": seq, "verdict": verdict}
    return LabelView.model_validate({**label, "source": "feedback", "at": parts.clock.now()})
