"""What people were asked."""

import asyncio
from dataclasses import replace

from app.store.questions import Asked, declined
from tests.app.store.opened import NOW, a_room, opened


def test_a_question_is_settled_once(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, owner, _ = await a_room(store)
            asked = Asked("q1", owner.id, NOW, "Short?", room, 7, "length")
            await store.questions.add(asked)
            await store.questions.add(replace(asked, id="q2", seq=40, dimension="humour"))
            assert await store.questions.last_seq(room) == 40
            assert await store.questions.last_seq("elsewhere") == 0
            assert await store.questions.settle("q1", "declined")
            assert not await store.questions.settle("q1", "answered")
            found = await store.questions.of(owner.id)
            assert [(q.id, q.outcome) for q in found] == [("q1", "declined"), ("q2", None)]
            assert declined(found)
            assert not declined(found[1:])
            await store.rooms.delete(room)
            assert await store.questions.of(owner.id) == ()

    asyncio.run(go())


def test_an_answer_may_change_what_is_kept_and_all_can_be_forgotten(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            _, owner, _ = await a_room(store)
            await store.questions.add(Asked("q1", owner.id, NOW, "{}"))
            await store.questions.settle("q1", "answered", '{"choice": "first"}')
            assert (await store.questions.of(owner.id))[0].body == '{"choice": "first"}'
            await store.questions.forget(owner.id)
            assert await store.questions.of(owner.id) == ()

    asyncio.run(go())
