"""The agents of a room: persona, memories, policy, mode, mute."""

from dataclasses import asdict
from datetime import UTC, datetime
from zoneinfo import available_timezones

from fastapi import APIRouter

from app.api.access import Caller, Here, InRoom, require
from app.errors import BadInput, NotFound
from app.parts import Parts
from app.protocol import AgentChange, AgentsView, AgentView, BarsView, CalibrationView, Id, NewAgent, PolicyView
from app.rights import may
from app.room import Room
from conversation.member import Role
from heuristics.calibration import calibration_for
from heuristics.motivation import HEURISTICS

router = APIRouter(tags=["agents"])


@router.get("/rooms/{room}/agents")
async def all_agents(room: InRoom, parts: Here, caller: Caller) -> AgentsView:
    """Persona and memories are parts of every prompt: plain members get them empty."""
    role = room.member(caller.id).role
    return AgentsView(agents=[shown(view, role) for view in await parts.store.agents.of_room(room.id)])


@router.get("/rooms/{room}/calibration")
async def calibration(room: InRoom, parts: Here, caller: Caller) -> CalibrationView:
    """Owners and observers."""
    require(room, caller, "see thoughts")
    found = calibration_for(parts.engine.model.name)
    return CalibrationView(
        name=found.name,
        weights=dict(found.weights),
        odds=found.bias is not None,
        presets={name: BarsView(**asdict(bars)) for name, bars in found.presets.items()},
    )


@router.post("/rooms/{room}/agents", status_code=201)
async def add(new: NewAgent, room: InRoom, parts: Here, caller: Caller) -> AgentView:
    """Owners."""
    require(room, caller, "manage")
    check_agent(new, parts, at="")
    return await _agent(room, await room.add_agent(new), parts)


@router.get("/rooms/{room}/agents/{agent}")
async def one(room: InRoom, agent: Id, parts: Here, caller: Caller) -> AgentView:
    """Persona and memories empty for plain members."""
    return shown(await _agent(room, agent, parts), room.member(caller.id).role)


@router.put("/rooms/{room}/agents/{agent}")
async def change(change: AgentChange, room: InRoom, agent: Id, parts: Here, caller: Caller) -> AgentView:
    """Owners. Fields left out stay as they are."""
    require(room, caller, "manage")
    if change.policy is not None:
        check_policy(change.policy, at="")
    if change.mute_until is not None:
        _check_time(change.mute_until)
    _check_fixed(await _agent(room, agent, parts), change)
    await room.change_agent(agent, change)
    return await _agent(room, agent, parts)


@router.delete("/rooms/{room}/agents/{agent}/quiet", status_code=204)
async def let_talk(room: InRoom, agent: Id, caller: Caller) -> None:
    """Owners and members: the agent may talk again, as if it had been told so in the room. A mute of its owner stays."""
    require(room, caller, "let talk")
    await room.hush_agent(agent, None)


@router.delete("/rooms/{room}/agents/{agent}", status_code=204)
async def remove(room: InRoom, agent: Id, caller: Caller) -> None:
    """Owners. Its messages and runs stay, its memories and thoughts go."""
    require(room, caller, "manage")
    await room.remove_agent(agent)


def shown(agent: AgentView, role: Role) -> AgentView:
    """As somebody with `role` may see it: what goes into prompts is for those who may see thoughts."""
    if may(role, "see thoughts"):
        return agent
    return agent.model_copy(update={"persona": "", "memories": []})


def check_agent(new: NewAgent, parts: Parts, at: str = "agent.") -> None:
    """Raises BadInput. `at`: where the agent is in what was sent."""
    served = parts.engine.model.name
    if new.model is not None and new.model != served:
        raise BadInput(f"this server serves {served!r}; leave it out or null for that one", f"{at}model", new.model)
    check_policy(new.policy, at)


def _check_fixed(agent: AgentView, change: AgentChange) -> None:
    """An agent may be sent back as it was read; what cannot be changed must be as it was."""
    fixed: dict[str, tuple[object, object]] = {
        "id": (change.id, agent.id),
        "room": (change.room, agent.room),
        "model": (change.model, agent.model),
        "policy_version": (change.policy_version, agent.policy_version),
    }
    for field, (given, kept) in fixed.items():
        if given is not None and given != kept:
            raise BadInput(f"this cannot be changed; it is {kept!r}", field, given)


def _check_time(until: datetime) -> None:
    if until.tzinfo is None:
        raise BadInput("say in which zone: a time in UTC ends in Z", "mute_until", until.isoformat())
    try:
        until.astimezone(UTC)
    except OverflowError as error:
        raise BadInput(
            "in UTC this is no time between the years 1 and 9999", "mute_until", until.isoformat()
        ) from error


def check_policy(policy: PolicyView, at: str) -> None:
    """Raises BadInput."""
    for name in policy.weights.keys() - _WEIGHED:
        raise BadInput(f"no such heuristic; there are {', '.join(sorted(_WEIGHED))}", f"{at}policy.weights", name)
    quiet = policy.quiet_hours
    if quiet is not None and quiet.zone not in _ZONES:
        raise BadInput("no such IANA time zone", f"{at}policy.quiet_hours.zone", quiet.zone)


_WEIGHED = frozenset(h.name for h in HEURISTICS)
_ZONES = frozenset(available_timezones())


async def _agent(room: Room, agent: str, parts: Parts) -> AgentView:
    for view in await parts.store.agents.of_room(room.id):
        if view.id == agent:
            return view
    raise NotFound("no such agent in this room", "agent", agent)
