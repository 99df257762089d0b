"""A moment with what only the store can count."""

from collections.abc import Set
from dataclasses import replace
from datetime import timedelta

from app.resident import Resident
from app.store import Store
from conversation.moment import Moment
from personalization.receptivity import receptions, receptivity, shift
from thoughts.contract import midnight

HOUR = timedelta(hours=1)


async def counted(store: Store, resident: Resident, moment: Moment, told_off: Set[int]) -> Moment:
    """A busy room's last 200 messages, which are all that the moment holds, may be less than an hour. `told_off`: seqs of the
    messages that told the agent to be quiet."""
    room = moment.room
    said = await store.messages.count_since(room, resident.id, moment.now - HOUR)
    left = await store.messages.reactions_to(room, resident.id)
    # How people took what the agent said lately, in points of its bar.
    received = receptions(moment.transcript, resident.id, moment.agent.name, left, frozenset(told_off))
    moment = replace(moment, said_this_hour=said, reception=shift(receptivity(received)))
    if resident.policy.tokens_per_day is None:
        return moment
    day = midnight(moment.now, resident.policy.zone)
    return replace(moment, tokens_today=await store.runs.tokens_since(room, resident.id, day))
