"""What is still to be thought about is written with the message, and gone when it was."""

import asyncio

from app.protocol import NewAgent
from app.store.outbox import Pending
from conversation.message import Author
from tests.app.store.opened import NOW, a_room, opened


def test_every_message_that_somebody_could_think_about_waits_until_it_was(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            before = await store.outbox.depth()
            room, _, ann = await a_room(store, NewAgent(name="Mika"))
            mika = (await store.agents.of_room(room))[0]
            await store.messages.post(room, ann, "c1", "Tea?", None, NOW)
            await store.messages.post(room, Author(mika.id, "Mika", "agent"), "r1", "Sencha.", None, NOW)
            await store.messages.post(room, ann, "c2", "And you?", None, NOW)
            await store.messages.post(room, ann, "c2", "And you?", None, NOW)
            assert await store.outbox.pending(room) == (Pending(1, NOW), Pending(3, NOW))
            assert await store.outbox.depth() == before + 2
            assert room in await store.outbox.waiting()
            await store.outbox.done(room, 2, None)
            assert await store.outbox.pending(room) == (Pending(3, NOW),)
            assert await store.outbox.depth() == before + 1
            await store.agents.remove(room, mika.id, NOW)
            assert await store.outbox.pending(room) == ()
            assert room not in await store.outbox.waiting()

    asyncio.run(go())


def test_a_room_without_agents_has_nothing_to_think_about(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, ann = await a_room(store)
            await store.messages.post(room, ann, "c1", "Tea?", None, NOW)
            assert await store.outbox.pending(room) == ()

    asyncio.run(go())
