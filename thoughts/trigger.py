"""Stage 1, trigger: when to think. Pure: events and times in, the next wake-up out; `app/agent.py` owns the timer."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from conversation.decision import Bound
from conversation.moment import Moment, Trigger
from thoughts.contract import Allowance
from thoughts.policy import Policy

BURST = 4.0
"""A burst is cut after this many debounces, so that somebody who never stops is heard too."""
PAUSES = 5
"""Thinking again in an unchanged room ends after this many pauses: nothing runs in a dead room."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a room's agents wait for. `pending`: seq of a message that nobody has thought about yet, by `author`, heard first
    at `since` and last at `heard`; `addressed` when it calls an agent. `pauses`: runs in this pause so far."""

    pause: float
    debounce: float
    quiet_since: datetime
    head: int = 0
    pending: int | None = None
    author: str = ""
    since: datetime | None = None
    heard: datetime | None = None
    addressed: bool = False
    typing: frozenset[str] = frozenset()
    pauses: int = 0


def message(schedule: Schedule, seq: int, author: str, *, addressed: bool, wakes: bool, now: datetime) -> Schedule:
    """A message came: it supersedes the one that was waiting, unless that was a call and this is none. Not `wakes`: it is the
    only agent's own, which is nothing to think about, now or in the pause after it."""
    waiting = schedule.pending is not None
    if not wakes:
        return replace(schedule, head=seq, quiet_since=now, typing=schedule.typing - {author}, pauses=PAUSES)
    return replace(
        schedule,
        head=seq,
        pending=schedule.pending if waiting and schedule.addressed and not addressed else seq,
        author=author,
        since=schedule.since if waiting else now,
        # Only more from the same author is worth waiting for: somebody else's message ends the burst.
        heard=schedule.heard if waiting and author != schedule.author and not addressed else now,
        addressed=addressed or (waiting and schedule.addressed),
        quiet_since=now,
        typing=schedule.typing - {author},
        pauses=0,
    )


def withdrawn(schedule: Schedule, seq: int) -> Schedule:
    """The message at `seq` was deleted: nobody needs to think about it."""
    if schedule.pending != seq:
        return schedule
    return replace(schedule, pending=None, since=None, heard=None, addressed=False)


def typing(schedule: Schedule, user: str, on: bool, now: datetime) -> Schedule:
    """Somebody started or stopped typing: a pause counts from the last sign of life."""
    if on == (user in schedule.typing):
        return schedule
    changed = schedule.typing | {user} if on else schedule.typing - {user}
    return replace(schedule, typing=changed, quiet_since=max(now, schedule.quiet_since))


def due(schedule: Schedule) -> tuple[datetime, Trigger] | None:
    """When to wake next, and with what; None while there is nothing to wait for. A pause doubles each time nothing changed:
    10 s, 20 s, 40 s…"""
    if schedule.pending is not None and schedule.heard is not None and schedule.since is not None:
        if schedule.addressed:
            return schedule.heard, Trigger("addressed", schedule.pending)
        last = schedule.since + timedelta(seconds=BURST * schedule.debounce)
        return min(schedule.heard + timedelta(seconds=schedule.debounce), last), Trigger("message", schedule.pending)
    if schedule.head == 0 or schedule.typing or schedule.pauses >= PAUSES:
        return None
    wait = schedule.pause * 2**schedule.pauses
    return schedule.quiet_since + timedelta(seconds=wait), Trigger("pause", schedule.head, schedule.pauses)


def fired(schedule: Schedule, trigger: Trigger, now: datetime) -> Schedule:
    """The trigger was taken: it will not come again. The next pause is counted from here."""
    if trigger.kind == "pause":
        return replace(schedule, pauses=schedule.pauses + 1, quiet_since=now)
    return replace(schedule, pending=None, since=None, heard=None, addressed=False)


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run ended before any thinking, in words, and the limit that ended it where one did."""

    reason: str
    bound: Bound | None = None


def gate(moment: Moment, policy: Policy) -> Stop | None:
    """Why not to think at all, found without a model; None to go on."""
    if policy.muted(moment.now):
        return Stop("muted", "muted")
    if policy.hushed(moment.now):
        return Stop("asked to be quiet", "hushed")
    if moment.last is None:
        return Stop("empty room")
    if moment.trigger.kind in ("message", "addressed") and (
        moment.about is None or moment.about.seq != moment.trigger.seq
    ):
        return Stop("its message was deleted")
    if moment.spoke_last:
        return Stop("spoke last", "own_turn")
    if moment.transcript.agents_since_human() >= policy.agent_budget:
        return Stop("agent budget spent", "agent_budget")
    if not any(m.speaks and m.role != "agent" for m in moment.members):
        return Stop("nobody to talk to")
    return None


def limit(at: Allowance) -> Stop | None:
    """The same for a limit that is used up."""
    return Stop(f"{(at.bound or '').replace('_', ' ')} used up", at.bound) if at.level == "mute" else None
