"""Chats from files, watched while they run through a room of their own; and a sample to begin with."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from app.api.access import Caller, Here, InRoom, require
from app.api.agents import check_agent
from app.errors import BadInput
from app.live_replay import LiveReplay
from app.protocol import Id, Name, NewAgent, PolicyView, Wire
from conversation.chats import ChatFormatError, parse_chat

router = APIRouter(tags=["replays"])

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample.jsonl"
SAMPLE_AGENT = NewAgent(
    persona="A quiet friend who knows the mountains around Innsbruck and dislikes small talk.",
    memories=[
        "The kitchen of the hut at the lake closes on 12 October.",
        "The lower path to the hut takes an hour longer and is not exposed.",
    ],
    policy=PolicyView(debounce=0.2),
)
CHAT_LIMIT = 800_000
"""Characters: with the rest of the request under the limit of a body."""


class NewReplay(Wire):
    """`chat`: JSON lines, `{"id", "at", "author", "text", "reply_to"}`, oldest first. Without it, a sample with three scripted
    people, which happens now. `speed`: seconds of the chat in one second."""

    name: Name
    chat: Annotated[str, Field(min_length=1, max_length=CHAT_LIMIT)] | None = None
    agent: NewAgent | None = None
    speed: Annotated[float, Field(ge=0.1, le=1000)] = 1.0


class ReplayChange(Wire):
    """What is left out stays. `step`: one more message, then it pauses."""

    speed: Annotated[float, Field(ge=0.1, le=1000)] | None = None
    state: Literal["running", "paused"] | None = None
    step: bool = False


class ReplayView(Wire):
    """`waiting`: for the model. `done` of `messages` are in the room."""

    room: Id
    state: Literal["waiting", "running", "paused", "ended", "failed"]
    messages: int
    done: int
    speed: float
    error: str | None = None


@router.post("/replays", status_code=201)
async def start(new: NewReplay, parts: Here, caller: Caller) -> ReplayView:
    """Makes a room that the caller owns and runs the chat through it; the same chat again goes on where it stopped. While it
    runs, the clock of the room is the chat's."""
    agent = new.agent or (NewAgent() if new.chat else SAMPLE_AGENT)
    check_agent(agent, parts)
    try:
        chat = parse_chat(new.chat or _sample(parts.clock.now()), Path(new.name))
    except ChatFormatError as error:
        raise BadInput(f"line {error.line}: {error.wrong}", "chat", new.name) from error
    return _view(await parts.replays.start(new.name.strip(), chat.messages, agent, new.speed, caller))


@router.get("/rooms/{room}/replay")
async def look(room: InRoom, parts: Here) -> ReplayView:
    """Every member. 404 where nothing is replayed."""
    return _view(parts.replays.get(room.id))


@router.put("/rooms/{room}/replay")
async def change(change: ReplayChange, room: InRoom, parts: Here, caller: Caller) -> ReplayView:
    """Owners."""
    require(room, caller, "manage")
    replay = parts.replays.get(room.id)
    replay.change(change.speed, change.state, change.step)
    return _view(replay)


def _view(replay: LiveReplay) -> ReplayView:
    return ReplayView(
        room=replay.room,
        state=replay.state,
        messages=len(replay.chat),
        done=replay.done,
        speed=replay.speed,
        error=replay.error,
    )


def _sample(at: datetime) -> str:
    """The sample's lines say after how many seconds they come; here they get their times, from `at` on."""
    lines = []
    for line in SAMPLE.read_text(encoding="utf-8").splitlines():
        given = json.loads(line)
        at += timedelta(seconds=given.pop("after"))
        lines.append(json.dumps({**given, "at": at.isoformat()}))
    return "\n".join(lines)
