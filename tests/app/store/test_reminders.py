"""Promises to wake up, over both databases' common ground."""

import asyncio
from datetime import timedelta

import pytest

from app.store.owners import Fenced
from app.store.reminders import Promise
from tests.app.store.opened import NOW, a_room, opened


def test_a_promise_is_kept_until_it_is_removed_or_its_room_is(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store)
            late, soon = (
                Promise("mika", "m1", NOW + timedelta(hours=2)),
                Promise("mika", "m2", NOW + timedelta(hours=1)),
            )
            for promise in (late, soon, soon):
                await store.reminders.put(room, promise, None)
            assert await store.reminders.of_room(room) == (soon, late)
            assert await store.outbox.waiting() == (room,)
            sooner = Promise("mika", "m1", NOW)
            await store.reminders.put(room, sooner, None)
            assert await store.reminders.of_room(room) == (sooner, soon)
            await store.reminders.remove(room, soon, None)
            assert await store.reminders.of_room(room) == (sooner,)
            with pytest.raises(Fenced):
                await store.reminders.put(room, soon, 99)
            await store.rooms.delete(room)
            assert await store.reminders.of_room(room) == ()

    asyncio.run(go())
