"""The talk so far, oldest first, and what can be counted from it without a model."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from conversation.message import Message


@dataclass(frozen=True, slots=True)
class Transcript:
    """`revision` counts the edits and deletions among the messages: another one, and what was read may be stale."""

    messages: tuple[Message, ...] = ()
    revision: int = 0

    @property
    def last(self) -> Message | None:
        return self.messages[-1] if self.messages else None

    def tail(self, n: int) -> tuple[Message, ...]:
        return self.messages[-n:] if n > 0 else ()

    def with_id(self, message_id: str) -> Message | None:
        return next((m for m in reversed(self.messages) if m.id == message_id), None)

    def without(self, authors: Collection[str], messages: Collection[str]) -> "Transcript":
        """The talk without what these authors wrote, and without these messages; their ids."""
        if not authors and not messages:
            return self
        left = (m for m in self.messages if m.author.id not in authors and m.id not in messages)
        return replace(self, messages=tuple(left))

    def turns_since(self, author_id: str) -> int:
        """Messages by others since `author_id` last wrote; all of them when they never did."""
        for count, message in enumerate(reversed(self.messages)):
            if message.author.id == author_id:
                return count
        return len(self.messages)

    def share(self, author_id: str, window: int) -> float:
        """The part (0–1) of the last `window` messages that `author_id` wrote; 0 in an empty room."""
        recent = self.tail(window)
        return sum(m.author.id == author_id for m in recent) / len(recent) if recent else 0.0

    def count_since(self, author_id: str, since: datetime) -> int:
        """How many messages `author_id` wrote at or after `since`."""
        return sum(m.author.id == author_id and m.at >= since for m in self.messages)

    def agents_since_human(self) -> int:
        """Length of the run of agents' messages at the end of the talk."""
        for count, message in enumerate(reversed(self.messages)):
            if message.author.kind == "human":
                return count
        return len(self.messages)

    def speakers(self, window: int) -> tuple[str, ...]:
        """Ids of those who wrote in the last `window` messages, most recent first, each once."""
        return tuple(dict.fromkeys(m.author.id for m in reversed(self.tail(window))))
