"""What members tell the agents of a room: to be quiet for a time, or to talk again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.protocol import QuietView
from app.resident import Resident, RoomPort
from conversation.message import Message
from thoughts.hush import Hush, hush
from thoughts.trigger import Stop

HUSHED, FREED = "🤐", "👌"
"""How an agent shows that it was heard."""


class Orders:
    """Keeps in mind what was said in the room until the database has it: a policy read meanwhile would not know. `told_off`:
    seqs of the messages that told an agent to be quiet, since this process took the room over."""

    def __init__(self, room: RoomPort) -> None:
        self._room = room
        self._pending: dict[str, datetime | None] = {}
        self.told_off: dict[str, frozenset[int]] = {}

    def heard(self, message: Message, residents: Sequence[Resident], now: datetime) -> Hush | None:
        """What `message` tells some of `residents`; None where it tells them nothing, or its time is over."""
        zone = next((r.policy.zone for r in residents if r.policy.quiet_hours is not None), "UTC")
        quiet = frozenset(r.id for r in residents if r.policy.hushed(now))
        order = hush(message, self._room.members(), self._room.transcript(), zone, quiet)
        if order is None or (order.until is not None and order.until <= now):
            return None
        meant = tuple(r.id for r in residents if r.id in order.agents)
        self._pending.update(dict.fromkeys(meant, order.until))
        if order.until is not None:
            self.told_off.update({agent: self.told_off.get(agent, frozenset()) | {message.seq} for agent in meant})
        return Hush(meant, order.until) if meant else None

    def applied(self, resident: Resident) -> Resident:
        if resident.id not in self._pending:
            return resident
        return replace(resident, policy=replace(resident.policy, quiet_until=self._pending[resident.id]))

    async def keep(self, resident: Resident, message: Message, until: datetime | None) -> None:
        """Raises what the database raises; then it holds as long as the process lives."""
        who = message.author
        quiet = None if until is None else QuietView(until=until, by=who.id, name=who.name, message=message.id)
        await self._room.hush_agent(resident.id, quiet)
        if self._pending.get(resident.id) == until:
            self._pending.pop(resident.id, None)


def obeyed(message: Message, until: datetime | None) -> Stop:
    """Why nobody thinks about such a message."""
    if until is None:
        return Stop(f"{message.author.name} told it that it may talk again")
    return Stop(f"{message.author.name} told it to be quiet until {until:%Y-%m-%d %H:%M} UTC", "hushed")
