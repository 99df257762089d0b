"""Rooms of chats from files."""

import asyncio

from app.protocol import NewAgent
from app.store.replays import Replays
from tests.app.store.opened import NOW, opened


def test_the_same_chat_finds_its_room_and_its_authors_again(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            replays = store.replays
            assert isinstance(replays, Replays)
            room = await replays.open("chat", "Old chat", NewAgent(name="Sage"), NOW)
            assert await replays.open("chat", "Old chat", NewAgent(name="Sage"), NOW) == room
            assert await replays.open("another", "Old chat", NewAgent(name="Sage"), NOW) != room
            ann = await replays.author(room, "Ann", NOW)
            assert await replays.author(room, "Ann", NOW) == ann
            assert (ann.name, ann.role) == ("Ann", "member")
            assert (await replays.posted(room), await replays.message(room, "1"), await replays.acts(room)) == (
                0,
                None,
                {},
            )

    asyncio.run(go())
