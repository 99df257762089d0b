"""The reservoir."""

import asyncio
from dataclasses import replace

import pytest

from app.errors import NotFound
from conversation.score import Raw, Score
from tests.app.store.opened import a_room, a_thought, opened


def test_a_thought_comes_back_whole(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store)
            score = Score("Relevance", 3.25, "judged", (0.1, 0.2, 0.3, 0.2, 0.2), Raw(judged=3.0, mass=0.5))
            thought = replace(a_thought("agent", 3), scores=(score,), motivation=3.5, accessed_seq=4)
            await store.thoughts.save_thoughts(room, [thought])
            assert await store.thoughts.held(room, "agent") == (thought,)

    asyncio.run(go())


def test_saving_again_replaces(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store)
            first, second, other = a_thought("agent", 1), a_thought("agent", 2), a_thought("other", 3)
            await store.thoughts.save_thoughts(room, [second, first, other])
            said = replace(first, state="spoken", why="said")
            await store.thoughts.save_thoughts(room, [first, said])
            assert await store.thoughts.held(room, "agent") == (second,)
            assert await store.thoughts.list_thoughts(room, "spoken") == (said,)
            assert await store.thoughts.list_thoughts(room) == (said, second, other)
            await store.thoughts.save_thoughts(room, [])

    asyncio.run(go())


def test_no_room_no_thought(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            with pytest.raises(NotFound):
                await store.thoughts.save_thoughts("nowhere", [a_thought("agent", 1)])

    asyncio.run(go())
