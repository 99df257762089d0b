"""A listener of a room that tells another: the mind thinks, and what is said is noted for the memory."""

from dataclasses import dataclass

from app.remembering import Remembering
from app.resident import Listener, RoomPort
from conversation.message import Message


@dataclass(frozen=True, slots=True)
class Attentive:
    """Implements Listener: `mind`, and the reader of this process beside it."""

    room: RoomPort
    mind: Listener
    remembering: Remembering

    @property
    def idle(self) -> bool:
        return self.mind.idle and not self.remembering.awaits(self.room.id)

    def heard(self, message: Message) -> None:
        self.remembering.notice(self.room.id, self.room.fence)
        self.mind.heard(message)

    def reworded(self, message: Message, gone: bool) -> None:
        if not gone:
            self.remembering.notice(self.room.id, self.room.fence)
        self.mind.reworded(message, gone)

    def typing(self, user: str, on: bool) -> None:
        self.mind.typing(user, on)

    def changed(self) -> None:
        self.mind.changed()

    async def close(self) -> None:
        self.remembering.leave(self.room.id)
        await self.mind.close()
