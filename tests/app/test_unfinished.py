"""What is left of a process that is gone, by its age."""

import asyncio
from datetime import timedelta

from app import metrics
from app.protocol import NewAgent
from app.unfinished import LATE, TOO_LATE, overdue, reply_key, unsaid
from conversation.moment import Trigger
from tests.app.store.opened import NOW, a_room, a_run, opened


def test_old_messages_are_dropped_and_fresh_ones_stay(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, ann = await a_room(store, NewAgent())
            await store.messages.post(room, ann, "c1", "old", None, NOW)
            await store.messages.post(room, ann, "c2", "fresh", None, NOW + LATE)
            now = NOW + LATE + timedelta(seconds=1)
            before = metrics.REGISTRY.get_sample_value("aside_stale_triggers_total") or 0.0
            assert await overdue(store, room, None, now) == (2,)
            assert [p.seq for p in await store.outbox.pending(room)] == [2]
            assert await overdue(store, room, None, now) == (2,)
            assert metrics.REGISTRY.get_sample_value("aside_stale_triggers_total") == before + 1

    asyncio.run(go())


def test_a_reply_that_was_not_said_in_time_is_written_down_as_dropped(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store)
            fresh, old = (
                a_run(room, "a", 1, "speak"),
                a_run(room, "a", 2, "speak").model_copy(update={"at": NOW - LATE}),
            )
            await store.runs.save_run(fresh)
            await store.runs.save_run(old)
            await store.runs.save_run(a_run(room, "a", 3, "hold"))
            assert await unsaid(store, room, "a", None, NOW + timedelta(seconds=1)) == (fresh,)
            stored = await store.runs.get_run(old.id)
            assert stored is not None
            assert (stored.outcome, stored.dropped) == ("dropped", TOO_LATE)

    asyncio.run(go())


def test_every_trigger_has_a_reply_of_its_own() -> None:
    triggers = [Trigger("message", 1), Trigger("addressed", 1), Trigger("pause", 1, 0), Trigger("pause", 1, 1)]
    assert len({reply_key(t) for t in triggers}) == len(triggers)
