"""Rooms."""

import asyncio

import pytest

from app.errors import NotFound
from app.protocol import NewAgent
from tests.app.store.opened import NOW, a_room, a_run, a_thought, opened


def test_a_new_room_has_its_owner_its_agent_and_an_empty_log(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, owner, _ = await a_room(store, NewAgent(name="Sage", memories=["likes tea"]))
            row = await store.rooms.get(room)
            assert row is not None
            assert (row.name, row.head) == ("Tea", 0)
            assert [(m.name, m.role) for m in await store.members.of_room(room)] == [
                ("Ann", "owner"),
                ("Sage", "agent"),
            ]
            assert await store.events.after(room, 0) == ()
            assert [r.id for r in await store.rooms.of_user(owner.id)] == [room]
            assert await store.rooms.of_user("nobody") == ()
            assert await store.rooms.get("nowhere") is None

    asyncio.run(go())


def test_rename(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store)
            await store.rooms.rename(room, "Coffee")
            row = await store.rooms.get(room)
            assert row is not None
            assert row.name == "Coffee"

    asyncio.run(go())


def test_delete_takes_everything_in_the_room_and_nothing_else(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            kept, _, ann = await a_room(store, NewAgent(memories=["m"]))
            room, owner, _ = await a_room(store, NewAgent(memories=["m"]))
            for place in (kept, room):
                (agent,) = await store.agents.of_room(place)
                message = (await store.messages.post(place, ann, "c1", "x", None, NOW)).message
                await store.messages.react(place, message.id, "u", "👍", True, NOW)
                await store.invites.create(place, "member", NOW)
                await store.runs.save_run(a_run(place, agent.id, 1))
                await store.thoughts.save_thoughts(place, [a_thought(agent.id, 1)])
            (gone,) = await store.agents.of_room(room)
            await store.rooms.delete(room)
            assert await store.rooms.get(room) is None
            assert await store.rooms.of_user(owner.id) == ()
            assert await store.messages.recent_messages(room, 9) == ()
            assert await store.runs.list_runs(room) == ()
            assert await store.thoughts.list_thoughts(room) == ()
            assert await store.agents.memories(gone.id) == ()
            with pytest.raises(NotFound):
                await store.messages.post(room, ann, "c2", "x", None, NOW)
            assert len(await store.messages.recent_messages(kept, 9)) == 1
            assert len(await store.runs.list_runs(kept)) == 1

    asyncio.run(go())
