"""Versions of what was learned."""

import asyncio

import pytest

from app.errors import Conflict, NotFound
from app.protocol import NewAgent
from tests.app.store.opened import NOW, a_room, opened


def test_versions_are_kept_and_undoing_goes_back_one_by_one(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, owner, _ = await a_room(store, NewAgent())
            (agent,) = await store.agents.of_room(room)
            first = await store.refits.apply(room, agent.id, 0.2, 21, owner.id, NOW)
            second = await store.refits.apply(room, agent.id, 0.3, 25, owner.id, NOW)
            assert (first.version, first.before, second.version, second.before) == (1, None, 2, 1)
            (now,) = await store.agents.of_room(room)
            assert (now.learned, now.policy_version) == (second, 3)
            assert await store.refits.undo(room, agent.id) == first
            third = await store.refits.apply(room, agent.id, -0.1, 30, owner.id, NOW)
            assert (third.version, third.before) == (3, 1)
            assert await store.refits.undo(room, agent.id) == first
            assert await store.refits.undo(room, agent.id) is None
            with pytest.raises(Conflict):
                await store.refits.undo(room, agent.id)
            assert await store.refits.versions(agent.id) == (third, second, first)
            with pytest.raises(NotFound):
                await store.refits.apply(room, "nobody", 0.1, 20, owner.id, NOW)
            await store.agents.remove(room, agent.id, NOW)
            assert await store.refits.versions(agent.id) == ()

    asyncio.run(go())
