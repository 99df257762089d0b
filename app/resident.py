"""An agent that lives in a room, and what it needs of that room."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.protocol import AgentView, QuietView, Wire
from conversation.floor import Floor
from conversation.member import Member
from conversation.message import Message
from conversation.transcript import Transcript
from thoughts.policy import Policy


class RoomPort(Protocol):
    """What a mind needs of its room."""

    id: str
    fence: int | None

    def transcript(self) -> Transcript: ...
    def members(self) -> tuple[Member, ...]: ...
    def floor(self) -> Floor: ...
    def broadcast(self, frame: Wire) -> None: ...
    def broadcast_watchers(self, frame: Wire) -> None: ...
    def broadcast_owners(self, frame: Wire) -> None: ...
    async def post_agent(
        self, agent_id: str, client_id: str, text: str, reply_to: str | None, fence: int | None
    ) -> Message: ...
    async def react_agent(self, agent_id: str, message_id: str, emoji: str) -> None: ...
    async def hush_agent(self, agent_id: str, quiet: QuietView | None) -> None: ...


class Listener(Protocol):
    """Who thinks in a room. Every method but `close` returns at once. `reworded` is given the message as it was; `gone`: it was
    deleted. `idle`: it does nothing, and has nothing left to think about but a pause."""

    @property
    def idle(self) -> bool: ...
    def heard(self, message: Message) -> None: ...
    def reworded(self, message: Message, gone: bool) -> None: ...
    def typing(self, user: str, on: bool) -> None: ...
    def changed(self) -> None: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Resident:
    """One agent of the room with its policy as deciding code sees it."""

    view: AgentView
    policy: Policy

    @property
    def id(self) -> str:
        return self.view.id

    def quiet(self, now: datetime) -> bool:
        """Whether its owner muted it or a member told it to be quiet."""
        return self.policy.muted(now) or self.policy.hushed(now)


@dataclass(frozen=True, slots=True)
class Owned:
    """A room as whoever speaks under `fence` sees it."""

    room: RoomPort
    fence: int | None

    def broadcast(self, frame: Wire) -> None:
        self.room.broadcast(frame)

    async def post_agent(self, agent_id: str, client_id: str, text: str, reply_to: str | None) -> Message:
        return await self.room.post_agent(agent_id, client_id, text, reply_to, self.fence)
