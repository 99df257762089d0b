"""The log of a room."""

import asyncio

import pytest

from app.errors import NotFound
from app.frames import SERVER_FRAME, PresenceEvent
from app.store.events import append, presence
from conversation.member import Member
from tests.app.store.opened import NOW, a_room, opened


def test_the_log_has_every_kind_in_one_order_and_as_it_was_sent(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            bob = await store.users.add("Bob", NOW)
            joined = await store.members.put(room, Member(bob.id, "Bob", "member"), NOW)
            posted = await store.messages.post(room, ann, "c1", "Tea?", None, NOW)
            reacted = await store.messages.react(room, posted.message.id, bob.id, "👍", True, NOW)
            left = await store.members.remove(room, Member(bob.id, "Bob", "member"), NOW)
            assert await store.events.after(room, 0) == (joined, posted.logged, reacted, left)
            bodies = await store.events.bodies(room, 1, 2)
            assert [seq for seq, _ in bodies] == [2, 3]
            for seq, body in bodies:
                frame = SERVER_FRAME.validate_json(body)
                assert frame.model_dump_json() == body
                assert getattr(frame, "seq", None) == seq

    asyncio.run(go())


def test_pages_of_the_log(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, ann = await a_room(store)
            for i in range(5):
                await store.messages.post(room, ann, f"c{i}", "x", None, NOW)
            assert [e.seq for e in await store.events.after(room, 0, 2)] == [1, 2]
            assert [e.seq for e in await store.events.after(room, 2, 2)] == [3, 4]
            assert [e.seq for e in await store.events.after(room, 4, 2)] == [5]
            assert await store.events.after(room, 5, 2) == ()

    asyncio.run(go())


def test_append_needs_a_room(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            make = presence("nowhere", Member("b", "Bob", "member"), "joined")
            with pytest.raises(NotFound):
                await store.database.write(lambda connection: append(connection, "nowhere", NOW, make))

    asyncio.run(go())


def test_presence_of_an_agent_is_online_of_a_person_it_is_not_known() -> None:
    assert presence("r", Member("a", "Aside", "agent"), "joined")(3).member.online
    event = presence("r", Member("b", "Bob", "observer"), "left")(4)
    assert event == PresenceEvent.model_validate(
        {
            "room": "r",
            "seq": 4,
            "member": {"id": "b", "name": "Bob", "role": "observer", "online": False},
            "state": "left",
        }
    )
