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
    """The room as one agent sees it at `now`. `agent` is among `members`."""

    room: str
    agent: Member
    members: tuple[Member, ...]
    transcript: Transcript
    floor: Floor
    trigger: Trigger
    now: datetime

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
        """Whether the agent wrote the last message, and owes no answer to a call that it has not answered yet."""
        last, about = self.last, self.about
        if last is None or about is None or last.author.id != self.agent.id:
            return False
        owes = self.trigger.kind == "addressed" and about.author.id != self.agent.id and last.reply_to != about.id
        return not owes
