"""The last messages of a room, as the agents read them: edited ones as they are now, deleted ones not at all."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from conversation.message import Message
from conversation.transcript import Transcript

RECENT = 200
"""Messages kept in memory: the widest window that a policy may name."""


class Recent:
    def __init__(self, messages: Iterable[Message]) -> None:
        self._messages = deque(messages, maxlen=RECENT)
        self._revision = 0
        self._transcript: Transcript | None = None

    def transcript(self) -> Transcript:
        if self._transcript is None:
            self._transcript = Transcript(tuple(self._messages), self._revision)
        return self._transcript

    def add(self, message: Message) -> None:
        self._messages.append(message)
        self._transcript = None

    def reword(self, message_id: str, text: str | None) -> Message | None:
        """Gives a message other words, or with None takes it out. The message as it was; None where nothing changed."""
        earlier = next((m for m in self._messages if m.id == message_id), None)
        if earlier is None or earlier.text == text:
            return None
        if text is None:
            self._messages.remove(earlier)
        else:
            self._messages[self._messages.index(earlier)] = replace(earlier, text=text)
        self._revision += 1
        self._transcript = None
        return earlier
