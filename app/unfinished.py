"""What a process that is gone left undone in a room: messages nobody thought about, and words that it did not get out."""

import logging
from datetime import datetime, timedelta

from app import metrics
from app.protocol import RunView
from app.store import Store
from conversation.moment import Trigger

log = logging.getLogger(__name__)

LATE = timedelta(minutes=2)
"""A message older than this is not answered any more, and a reply that was decided on before is not said."""
TOO_LATE = "its process was gone before it was said, and now it is too late"


async def overdue(store: Store, room: str, fence: int | None, now: datetime) -> tuple[int, ...]:
    """Seqs of the messages that are still worth a thought, oldest first; the others are dropped, and counted in the log."""
    pending = await store.outbox.pending(room)
    stale = [p for p in pending if now - p.at > LATE]
    if stale:
        metrics.STALE.inc(len(stale))
        log.warning("room %s: %d messages are too old to be thought about now", room, len(stale))
        await store.outbox.done(room, stale[-1].seq, fence)
    return tuple(p.seq for p in pending if p not in stale)


async def unsaid(store: Store, room: str, agent: str, fence: int | None, now: datetime) -> tuple[RunView, ...]:
    """Runs that decided to act and never got to it, and still may. Those that did without saying so are written down as said,
    those that are too old as dropped."""
    waiting = []
    for run in await store.runs.unfinished(room, agent):
        trigger = Trigger(run.trigger.kind, run.trigger.seq, run.trigger.nth)
        said = await store.messages.by_client_id(room, agent, reply_key(trigger))
        if said is not None:
            await store.runs.finish_run(room, run.id, "said", said.id, None, fence=fence)
        elif now - run.at > LATE:
            log.warning("room %s: run %s was not said in time", room, run.id)
            await store.runs.finish_run(room, run.id, "dropped", None, None, TOO_LATE, fence=fence)
        else:
            waiting.append(run)
    return tuple(waiting)


def reply_key(trigger: Trigger) -> str:
    """The `client_id` of an agent's reply: with (room, author, client_id) unique for ever, there is one reply to a trigger."""
    return f"reply-{trigger.kind}-{trigger.seq}-{trigger.nth}"
