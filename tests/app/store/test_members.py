"""Who is in a room."""

import asyncio

import pytest

from app.errors import Conflict, NotFound
from app.frames import PresenceEvent
from conversation.member import Member
from tests.app.store.opened import NOW, a_room, opened


def test_joining_is_logged_once_and_another_role_again(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, owner, _ = await a_room(store)
            bob = await store.users.add("Bob", NOW)
            joined = await store.members.put(room, Member(bob.id, "Bob", "member"), NOW)
            assert joined is not None
            assert isinstance(joined.frame, PresenceEvent)
            assert (joined.seq, joined.frame.state, joined.frame.member.role) == (1, "joined", "member")
            assert await store.members.put(room, Member(bob.id, "Bob", "member"), NOW) is None
            changed = await store.members.put(room, Member(bob.id, "Bob", "observer"), NOW)
            assert changed is not None
            assert changed.seq == 2
            assert await store.members.role(room, bob.id) == "observer"
            assert await store.members.role(room, owner.id) == "owner"
            assert await store.members.role(room, "nobody") is None

    asyncio.run(go())


def test_leaving(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store)
            bob = await store.users.add("Bob", NOW)
            member = Member(bob.id, "Bob", "member")
            await store.members.put(room, member, NOW)
            left = await store.members.remove(room, member, NOW)
            assert isinstance(left.frame, PresenceEvent)
            assert left.frame.state == "left"
            assert [m.name for m in await store.members.of_room(room)] == ["Ann"]
            with pytest.raises(NotFound):
                await store.members.remove(room, member, NOW)

    asyncio.run(go())


def test_the_last_owner_stays_an_owner(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, owner, _ = await a_room(store)
            ann = Member(owner.id, "Ann", "owner")
            with pytest.raises(Conflict):
                await store.members.remove(room, ann, NOW)
            with pytest.raises(Conflict):
                await store.members.put(room, Member(owner.id, "Ann", "member"), NOW)
            bob = await store.users.add("Bob", NOW)
            await store.members.put(room, Member(bob.id, "Bob", "owner"), NOW)
            await store.members.remove(room, ann, NOW)
            assert await store.members.role(room, bob.id) == "owner"

    asyncio.run(go())
