"""A single process owns every room."""

import asyncio

from app.bus import Note
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
            opened_rooms: list[str] = []

            async def open_room(room: str) -> None:
                opened_rooms.append(room)

            await Alone(store).start(open_room)
            assert opened_rooms == [busy]
            assert quiet not in opened_rooms

    asyncio.run(go())
