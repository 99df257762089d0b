"""Ownership in the database: one owner, a number that grows, and nothing written under an old one."""

import asyncio

import pytest

from app.errors import NotFound
from app.protocol import NewAgent
from app.store import Store
from app.store.owners import Fenced
from tests.app.store.opened import NOW, a_room, a_run, a_thought, opened


async def register(store: Store, *processes: str) -> None:
    for process in processes:
        await store.owners.resign(process)
        await store.owners.register(process)


def test_a_room_has_one_owner_at_a_time(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store)
            await register(store, "one", "two")
            assert await store.owners.claim(room, "one") == 1
            assert await store.owners.claim(room, "two") is None
            assert await store.owners.claim(room, "one") == 2
            await store.owners.release(room, "two")
            assert await store.owners.claim(room, "two") is None
            await store.owners.release(room, "one")
            assert await store.owners.claim(room, "two") == 3
            await store.owners.resign("two")
            assert await store.owners.claim(room, "one") == 4
            state = (await store.owners.states([room, "none"]))[room]
            assert (state.owner, state.fence, state.head, state.agents) == ("one", 4, 0, 0)
            assert await store.owners.claim("none", "one") is None

    asyncio.run(go())


def test_only_who_stands_still_is_buried(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            await register(store, "alive")
            before = (await store.owners.beats())["alive"]
            assert await store.owners.beat("alive")
            await store.owners.bury("alive", before)
            assert (await store.owners.beats())["alive"] == before + 1
            await store.owners.bury("alive", before + 1)
            assert "alive" not in await store.owners.beats()
            assert not await store.owners.beat("alive")

    asyncio.run(go())


def test_nothing_is_written_under_an_old_number(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store, NewAgent())
            old = await store.owners.claim(room, "one", alone=True)
            new = await store.owners.claim(room, "two", alone=True)
            run = a_run(room, "a", 1)
            await store.runs.save_run(run, new)
            for late in (
                store.messages.post(room, ann, "c1", "Tea?", None, NOW, old),
                store.runs.save_run(a_run(room, "a", 2), old),
                store.runs.finish_run(room, run.id, "said", None, None, fence=old),
                store.thoughts.save_thoughts(room, [a_thought("a", 1)], old),
                store.outbox.done(room, 9, old),
            ):
                with pytest.raises(Fenced):
                    await late
            with pytest.raises(NotFound):
                await store.outbox.done("nowhere", 9, old)
            assert await store.events.after(room, 0) == ()
            assert await store.thoughts.list_thoughts(room) == ()
            assert (await store.messages.post(room, ann, "c1", "Tea?", None, NOW, new)).message.seq == 1

    asyncio.run(go())
