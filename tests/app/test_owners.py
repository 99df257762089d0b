"""A single process owns every room."""

import asyncio

from app.bus import Note
from app.errors import Unavailable
from app.owners import Alone
from app.protocol import NewAgent
from tests.app.store.opened import NOW, a_room, opened


def test_alone_every_room_is_ours_under_a_number_that_grows(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store)
            led, heard = list[int | None](), list[Note]()
            for _ in range(2):
                owners = Alone(store)
                await owners.join(room, led.append, heard.append)
                await owners.leave(room)
                await owners.close()
            assert led == [1, 2]
            assert heard == []

    asyncio.run(go())


def test_rooms_with_something_left_to_think_about_are_opened(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            quiet, _, ann = await a_room(store, NewAgent())
            busy, _, _ = await a_room(store, NewAgent())
            alone, _, _ = await a_room(store)
            for room in (busy, alone):
                await store.messages.post(room, ann, "c1", "Tea?", None, NOW)
            broken, _, _ = await a_room(store, NewAgent())
            await store.messages.post(broken, ann, "c1", "Tea?", None, NOW)
            opened_rooms: list[str] = []
            begun, go_on, over = asyncio.Event(), asyncio.Event(), asyncio.Event()

            async def open_room(room: str) -> None:
                opened_rooms.append(room)
                begun.set()
                await go_on.wait()
                if len(opened_rooms) == 2:
                    over.set()
                if room == broken:
                    raise Unavailable("not now")

            owners = Alone(store)
            await owners.start(open_room)
            await begun.wait()
            assert len(opened_rooms) == 1, "the next one waits, and whoever starts the service does not"
            go_on.set()
            await over.wait()
            assert sorted(opened_rooms) == sorted([busy, broken])
            assert quiet not in opened_rooms
            await owners.close()

    asyncio.run(go())
