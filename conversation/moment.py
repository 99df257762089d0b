"""Everything that a heuristic may look at when it rates a thought."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from conversation.floor import Floor
from conversation.member import Member
from conversation.message import Message
from conversation.transcript import Transcript

TriggerKind = Literal["message", "addressed", "pause", "wake"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why the agent thinks now. `seq`: the message that it is about, or after which it is quiet; `nth`: which pause since
    that message, from 0. There is one decision per (room, trigger, agent)."""

    kind: TriggerKind
    seq: int
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """The room as one agent sees it at `now`. `agent` is among `members`. `considered`: seq of the last message that the agent
    knew when it formed what it said last; None where that is not known, and then it is taken to have known them all.
    `said_this_hour`: messages of the agent in the last hour; None where only the transcript tells. `tokens_today`: what the
    model read and wrote for it since midnight; None where nobody counts. `reacted`: events of the room since the agent
    last reacted; None where it did not, as far as is known. `reception`: points that the
    reception of what it said adds to its bar. `earlier`: ids of the authors of what was written before the transcript, oldest
    first, as far as anybody counts (`conversation.scene`)."""

    room: str
    agent: Member
    members: tuple[Member, ...]
    transcript: Transcript
    floor: Floor
    trigger: Trigger
    now: datetime
    considered: int | None = None
    said_this_hour: int | None = None
    tokens_today: int | None = None
    reacted: int | None = None
    reception: float = 0.0
    earlier: tuple[str, ...] = ()

    @property
    def silent_turns(self) -> int:
        """Messages by others since the agent spoke."""
        return self.transcript.turns_since(self.agent.id)

    @property
    def others(self) -> tuple[Member, ...]:
        return tuple(m for m in self.members if m.id != self.agent.id and m.speaks)

    @property
    def last(self) -> Message | None:
        return self.transcript.last

    @property
    def about(self) -> Message | None:
        """The message that set the agent thinking; the last one in a pause."""
        if self.trigger.kind == "pause":
            return self.transcript.last
        return next((m for m in reversed(self.transcript.messages) if m.seq <= self.trigger.seq), None)

    @property
    def spoke_last(self) -> bool:
        """Whether the agent wrote the last message, and nobody wrote while it was thinking of that: who did is still owed a
        thought."""
        if self.last is None or self.last.author.id != self.agent.id:
            return False
        if self.considered is None:
            return True
        return all(m.seq <= self.considered or m.author.id == self.agent.id for m in self.transcript.messages)
