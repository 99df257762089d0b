"""The registry of live rooms."""

import asyncio

import pytest

from app.bus import LocalBus
from app.errors import NotFound, Unavailable
from app.rooms import Rooms
from app.shared_owners import SharedOwners
from tests.app.harness import ManualClock
from tests.app.scene import Given, Listening, Reader
from tests.app.store.opened import a_room, opened


def test_a_room_is_opened_once_however_many_ask(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store)
            minds: list[Listening] = []

            def listen(opened_room: object) -> Listening:
                minds.append(Listening())
                return minds[-1]

            rooms = Rooms(store, ManualClock(), LocalBus(), Given(), listen)
            found = await asyncio.gather(*(rooms.get(room) for _ in range(10)))
            assert len(set(map(id, found))) == 1
            assert len(minds) == 1
            await rooms.close()
            assert minds[0].closed

    asyncio.run(go())


def test_no_such_room(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            rooms = Rooms(store, ManualClock(), LocalBus(), Given(), lambda room: Listening())
            with pytest.raises(NotFound) as missing:
                await rooms.get("nowhere")
            assert (missing.value.field, missing.value.value) == ("room", "'nowhere'")
            await rooms.close()

    asyncio.run(go())


def test_deleting_a_room_that_nobody_opened(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store)
            rooms = Rooms(store, ManualClock(), LocalBus(), Given(), lambda opened_room: Listening())
            await rooms.delete(room)
            assert await store.rooms.get(room) is None
            await rooms.close()

    asyncio.run(go())


def test_a_room_whose_task_broke_leaves_nobody_waiting_and_is_opened_anew(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room_id, owner, _ = await a_room(store)
            rooms = Rooms(store, ManualClock(), LocalBus(), Given(), lambda opened_room: Listening())
            broken = await rooms.get(room_id)
            reader = Reader(owner.id)
            broken.subscribe(reader)

            def breaks(logged: object) -> None:
                raise RuntimeError("a bug")

            broken._take = breaks  # type: ignore[method-assign]
            with pytest.raises(Unavailable):
                await broken.send(owner.id, "c1", "Tea?", None)
            assert reader.got[-1] == {"type": "resync", "room": room_id, "after": 0}
            with pytest.raises(Unavailable):
                await broken.send(owner.id, "c2", "Tea?", None)
            fresh = await rooms.get(room_id)
            assert fresh is not broken
            again = await fresh.send(owner.id, "c1", "Tea?", None)
            assert (again.seq, fresh.head) == (1, 1)
            await rooms.close()

    asyncio.run(go())
    assert "a bug" in caplog.text


def test_a_room_that_nobody_needs_is_closed_and_opened_again_by_who_asks(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, owner, _ = await a_room(store)
            clock, minds = ManualClock(), list[Listening]()

            def listen(opened_room: object) -> Listening:
                minds.append(Listening(at_rest=False))
                return minds[-1]

            rooms = Rooms(store, clock, LocalBus(), Given(), listen, idle=100.0)
            rooms.start()
            first, reader = await rooms.get(room), Reader(owner.id)
            first.subscribe(reader)
            clock.advance(200)
            await settled()
            assert len(rooms) == 1, "somebody listens"
            first.unsubscribe(reader)
            clock.advance(200)
            await settled()
            assert len(rooms) == 1, "an agent thinks"
            minds[0].at_rest = True
            assert await rooms.get(room) is first
            clock.advance(90)
            await settled()
            assert len(rooms) == 1, "it was asked for a moment ago"
            clock.advance(30)
            again = await rooms.get(room)  # while it is being closed
            assert again is not first
            assert (first.closed, again.closed, minds[0].closed) == (True, False, True)
            again.subscribe(reader)
            await again.send(owner.id, "c", "Tea?", None)
            assert reader.got[-1]["message"]["text"] == "Tea?"
            await rooms.close()

    asyncio.run(go())


def test_a_staged_room_stays(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store)
            clock = ManualClock()
            rooms = Rooms(store, clock, LocalBus(), Given(), lambda opened_room: Listening(), idle=100.0)
            rooms.start()
            staged = await rooms.stage(room, ManualClock(), lambda opened_room: Listening())
            clock.advance(500)
            await settled()
            assert await rooms.get(room) is staged
            await rooms.strike(room)
            assert await rooms.get(room) is not staged
            await rooms.close()

    asyncio.run(go())


def test_a_room_that_cannot_sign_off_still_sends_everybody_away(sqlite_url: str) -> None:
    class Gone(Given):
        async def leave(self, room: str) -> None:
            raise RuntimeError("nobody there")

    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, owner, _ = await a_room(store)
            rooms = Rooms(store, ManualClock(), LocalBus(), Gone(), lambda opened_room: Listening())
            live, reader = await rooms.get(room), Reader(owner.id)
            live.subscribe(reader)
            with pytest.raises(RuntimeError, match="nobody there"):
                await rooms.strike(room)
            assert reader.got[-1] == {"type": "resync", "room": room, "after": 0}
            with pytest.raises(Unavailable):
                await live.send(owner.id, "c", "Tea?", None)
            assert await rooms.get(room) is not live

    asyncio.run(go())


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_room_that_could_not_be_opened_is_not_owned_by_what_was_left_of_it(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store)
            clock, claim, mind = ManualClock(), store.owners.claim, Listening()
            owners = SharedOwners(store, clock)
            await store.owners.register(owners.me)

            async def away(*args: object, **more: object) -> int | None:
                raise Unavailable("the database did not answer")

            rooms = Rooms(store, clock, LocalBus(), owners, lambda opened_room: mind, shared=True)
            store.owners.claim = away  # type: ignore[method-assign]
            with pytest.raises(Unavailable):
                await rooms.get(room)
            store.owners.claim = claim  # type: ignore[method-assign]
            await owners.tick(rooms.get)
            assert (await store.owners.states([room]))[room].owner is None
            assert (await rooms.get(room)).fence == 1
            await rooms.close()
            await owners.close()

    asyncio.run(go())
