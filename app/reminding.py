"""What members ask the agents of a room to wake up for, and that they do: by the clock, with no model, once, also where the
process that promised is gone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.clock import Clock, Timer
from app.errors import WireError
from app.resident import Resident, RoomPort
from app.store import Store
from app.store.owners import Fenced
from app.store.reminders import Promise
from app.tasks import Tasks
from conversation.message import Message
from conversation.moment import Trigger
from thoughts.addressing import addressee, partner
from thoughts.reminder import Reminder, cancels, reminder
from thoughts.trigger import Stop

log = logging.getLogger(__name__)

LATE = timedelta(days=1)
"""A promise that could not be kept for so long is not kept any more: nobody was there to wake."""
AGAIN = 60.0
"""Seconds until an agent that is to be quiet, or whose database was away, tries again."""
LOOK = 3600.0
"""Seconds between two looks at what is due: a timer for next month would not survive a clock that is put right."""
MOST = 50
"""Promises of a room at a time."""
HEARD = "⏰"
"""How an agent that is to be quiet shows that it will."""
WOKE, PROMISED = "wake-", "promise-"
"""What the `client_id` of such a message begins with: with it there is one of each."""

Note = Callable[[Resident, Trigger, Stop], Awaitable[object]]


class Reminding:
    """For one room, in the process that thinks in it. `note` keeps a run that tells why an agent did not think; `residents`: who
    is there now."""

    def __init__(
        self,
        room: RoomPort,
        store: Store,
        clock: Clock,
        tasks: Tasks,
        residents: Callable[[], Sequence[Resident]],
        note: Note,
    ) -> None:
        self._room, self._store, self._clock, self._tasks = room, store, clock, tasks
        self._fence = room.fence
        self._residents, self._note = residents, note
        self._promises: dict[tuple[str, str], Promise] = {}
        self._put_off: dict[tuple[str, str], datetime] = {}
        self._working: set[asyncio.Task[None]] = set()
        self._timer: Timer | None = None
        self._closed = False

    @property
    def idle(self) -> bool:
        return not (self._promises or self._working)

    def working(self) -> tuple[asyncio.Task[None], ...]:
        return tuple(self._working)

    async def load(self) -> None:
        """What was promised before this process had the room."""
        for promise in await self._store.reminders.of_room(self._room.id):
            self._promises.setdefault(_key(promise), promise)
        self._arm()

    def close(self) -> None:
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()

    def heard(self, message: Message) -> bool:
        """Whether `message` asks an agent that speaks to wake up later, or not to."""
        if message.author.kind != "human":
            return False
        members = self._room.members()
        called = addressee(message, members, self._room.transcript()) or partner(message, members)
        agent = next((r for r in self._residents() if r.id == called and r.policy.mode == "speak"), None)
        if agent is None:
            return False
        if cancels(message.text):
            self._start(self._cancel(agent, message))
            return True
        if (asked := self._asked(agent, message)) is None:
            return False
        self._start(self._promise(agent, message, asked))
        return True

    def reworded(self, message_id: str, now: Message | None) -> None:
        """The message was edited, or with None deleted: what it asked for holds as it stands now."""
        for promise in [p for p in self._promises.values() if p.message == message_id]:
            agent = next((r for r in self._residents() if r.id == promise.agent), None)
            asked = None if now is None or agent is None else self._asked(agent, now)
            if now is None or agent is None or asked is None:
                self._start(self._remove(promise))
            elif asked.due != promise.due:
                self._start(self._promise(agent, now, asked))

    def _asked(self, agent: Resident, message: Message) -> Reminder | None:
        names = tuple(m.name for m in self._room.members() if m.role == "agent")
        return reminder(message.text, message.at, _zone(agent), names)

    def _start(self, work: Awaitable[None]) -> None:
        task = self._tasks.start(self._safely(work), f"reminders of {self._room.id}")
        self._working.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        self._arm()

    async def _safely(self, work: Awaitable[None]) -> None:
        try:
            await work
        except (WireError, Fenced) as failure:
            log.warning("a reminder in room %s waits: %s", self._room.id, failure)

    # -- promising -----------------------------------------------------------------------------------------------------

    async def _promise(self, agent: Resident, message: Message, asked: Reminder) -> None:
        promise = Promise(agent.id, message.id, asked.due)
        if _key(promise) not in self._promises and len(self._promises) >= MOST:
            await self._say(agent, message, PROMISED, "I keep as many reminders here as I can: tell me to cancel some.")
            return
        await self._store.reminders.put(self._room.id, promise, self._fence)
        self._promises[_key(promise)] = promise
        self._put_off.pop(_key(promise), None)
        when = asked.due.astimezone(ZoneInfo(_zone(agent)))
        told = f"{when:%A} {when.day} {when:%B} at {when:%H:%M} {_zone(agent)}"
        await self._note(
            agent,
            Trigger("addressed", message.seq),
            Stop(f"{message.author.name} asked it to wake up on {asked.due:%Y-%m-%d %H:%M} UTC"),
        )
        if agent.quiet(self._clock.now()):
            await self._room.react_agent(agent.id, message.id, HEARD)
            return
        unless = ", if nobody has answered by then" if asked.unanswered else ""
        stamp = f"{PROMISED}{asked.due:%Y%m%d%H%M%S}-"
        await self._say(agent, message, stamp, f"I will, on {told}{unless}.")

    async def _cancel(self, agent: Resident, message: Message) -> None:
        """Those that the same person asked of this agent here."""
        mine = [p for p in self._promises.values() if p.agent == agent.id]
        asked = {m.id: m for m in await self._messages([p.message for p in mine])}
        taken_back = [p for p in mine if p.message in asked and asked[p.message].author.id == message.author.id]
        for promise in taken_back:
            await self._remove(promise)
        much = "1 reminder" if len(taken_back) == 1 else f"{len(taken_back)} reminders"
        told = f"Taken back: {much}." if taken_back else "You have asked me for no reminder here."
        await self._note(
            agent, Trigger("addressed", message.seq), Stop(f"{message.author.name} took back {much} of theirs")
        )
        if not agent.quiet(self._clock.now()):
            await self._say(agent, message, PROMISED, told)

    async def _remove(self, promise: Promise) -> None:
        await self._store.reminders.remove(self._room.id, promise, self._fence)
        self._promises.pop(_key(promise), None)
        self._put_off.pop(_key(promise), None)

    async def _say(self, agent: Resident, message: Message, kind: str, text: str) -> None:
        await self._room.post_agent(agent.id, f"{kind}{message.id}", text, message.id, self._fence)

    async def _messages(self, ids: Sequence[str]) -> list[Message]:
        """Those that are still there, in this room, and that nobody had forgotten."""
        withheld = await self._store.erasing.withheld(ids)
        ids = [i for i in ids if i not in withheld]
        near = [m for i in ids if (m := self._room.transcript().with_id(i)) is not None]
        far = [i for i in ids if i not in {m.id for m in near}]
        return near + [m for room, m in await self._store.messages.by_ids(far) if room == self._room.id]

    # -- keeping it ----------------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._closed or not self._promises or self._working:
            return
        wait = (min(map(self._time, self._promises.values())) - self._clock.now()).total_seconds()
        self._timer = self._clock.call_later(min(max(0.0, wait), LOOK), self._wake)

    def _time(self, promise: Promise) -> datetime:
        return self._put_off.get(_key(promise), promise.due)

    def _wake(self) -> None:
        self._timer = None
        now = self._clock.now()
        due = [p for p in self._promises.values() if self._time(p) <= now]
        for promise in due:
            # Whatever stands in the way, it is not tried again at once.
            self._put_off[_key(promise)] = now + timedelta(seconds=AGAIN)
            self._start(self._keep(promise, now))
        if not due:
            self._arm()

    async def _keep(self, promise: Promise, now: datetime) -> None:
        agent = next((r for r in self._residents() if r.id == promise.agent), None)
        message = next(iter(await self._messages([promise.message])), None)
        asked = None if agent is None or message is None else self._asked(agent, message)
        if agent is None or message is None or asked is None:
            await self._remove(promise)
            return
        cause = Trigger("wake", message.seq)
        if (reason := await self._pointless(agent, message, asked, now)) is not None:
            await self._note(agent, cause, Stop(reason))
            await self._remove(promise)
        elif not agent.quiet(now):
            await self._say(agent, message, f"{WOKE}{asked.due:%Y%m%d%H%M%S}-", said(message.author.name, asked))
            await self._note(agent, cause, Stop(f"it woke up for {message.author.name}, as it had promised"))
            await self._remove(promise)

    async def _pointless(self, agent: Resident, message: Message, asked: Reminder, now: datetime) -> str | None:
        """Why nobody needs to be woken any more."""
        name, author = message.author.name, message.author.id
        if agent.policy.mode != "speak":
            return "it may not speak any more"
        if now - asked.due > LATE:
            return "it had promised to wake up, and now it is too late"
        if all(m.id != author for m in self._room.members()):
            return f"{name}, who had asked it to wake up, is gone"
        if not (await self._store.consents.get(author)).observe:
            return f"{name}, who had asked it to wake up, does not want to be read any more"
        others = (m for m in self._room.transcript().messages if m.seq > message.seq and m.author.kind == "human")
        if asked.unanswered and any(m.author.id != author for m in others):
            return f"somebody has answered {name}"
        return None


def said(name: str, asked: Reminder) -> str:
    """In the words of who asked."""
    to = f"{name}, you asked me to remind you" if asked.whom == "me" else f"{name} asked me to remind everybody"
    return f"{to}: “{asked.what}”" if asked.what else f"{to} now."


def _key(promise: Promise) -> tuple[str, str]:
    return promise.agent, promise.message


def _zone(agent: Resident) -> str:
    return agent.policy.zone if agent.policy.quiet_hours is not None else "UTC"
