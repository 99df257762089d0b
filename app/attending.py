"""What members tell the agents of a room directly, so that nobody has to think about it: to be quiet, what to remember, when to
wake up."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime

from app.clock import Clock
from app.errors import WireError
from app.orders import FREED, HUSHED, Orders, obeyed
from app.reminding import Note, Reminding
from app.resident import Resident, RoomPort
from app.self_service import Keeper, SelfService
from app.store import Store
from app.tasks import Tasks
from conversation.message import Message
from conversation.moment import Trigger

log = logging.getLogger(__name__)


class Attending:
    """`residents`: who is there now; `note` keeps a run that tells why an agent did not think."""

    def __init__(
        self,
        room: RoomPort,
        store: Store,
        clock: Clock,
        tasks: Tasks,
        keeper: Keeper | None,
        residents: Callable[[], Sequence[Resident]],
        note: Note,
    ) -> None:
        self._room, self._clock, self._tasks = room, clock, tasks
        self._residents, self._note = residents, note
        self._orders = Orders(room)
        self._service = SelfService(room, store, keeper)
        self._reminding = Reminding(room, store, clock, tasks, residents, note)
        self._showing: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> bool:
        return self._reminding.idle and not self._showing

    def working(self) -> tuple[asyncio.Task[None], ...]:
        return (*self._showing, *self._reminding.working())

    async def load(self) -> None:
        await self._reminding.load()

    def close(self) -> None:
        self._reminding.close()

    def heard(self, message: Message) -> bool:
        """Whether `message` is for the agents' ears alone. What is ordered holds from here on; that it is done
        and shown follows."""
        return self.obeys(message) or self._reminding.heard(message) or self._serves(message)

    def reworded(self, message_id: str, now: Message | None) -> None:
        self._reminding.reworded(message_id, now)

    def applied(self, residents: Sequence[Resident]) -> tuple[Resident, ...]:
        """With what was ordered of them and the database may not have yet."""
        return tuple(self._orders.applied(r) for r in residents)

    def told_off(self, agent: str) -> frozenset[int]:
        return self._orders.told_off.get(agent, frozenset())

    def obeys(self, message: Message) -> bool:
        """Whether `message` tells agents to be quiet, or that they may talk again: `applied` has it from here on, for what they
        are just thinking too."""
        order = self._orders.heard(message, self._residents(), self._clock.now())
        if order is None:
            return False
        for resident in self.applied(self._residents()):
            if resident.id in order.agents:
                self._show(self._acknowledge(resident, message, order.until), f"hush in {self._room.id}")
        return True

    def _serves(self, message: Message) -> bool:
        """Whether `message` asks an agent what it remembers of somebody, or to forget it."""
        if (asked := self._service.heard(message, self._residents())) is None:
            return False
        speaks = asked.agent.policy.mode == "speak" and not asked.agent.quiet(self._clock.now())
        self._show(self._service.answer(asked, speaks), f"answer about memory in {self._room.id}")
        return True

    def _show(self, work: Coroutine[None, None, None], name: str) -> None:
        task = self._tasks.start(work, name)
        self._showing.add(task)
        task.add_done_callback(self._showing.discard)

    async def _acknowledge(self, resident: Resident, message: Message, until: datetime | None) -> None:
        try:
            await self._orders.keep(resident, message, until)
            if await self._note(resident, Trigger("addressed", message.seq), obeyed(message, until)):
                await self._room.react_agent(resident.id, message.id, FREED if until is None else HUSHED)
        except WireError as failure:
            log.warning("agent %s in room %s obeys and could not show it: %s", resident.id, self._room.id, failure)
