"""Rooms that keep messages for so many days."""

import asyncio
from pathlib import Path

import pytest

from app.expiry import EVERY
from app.sessions import LOOK, REVOKED
from tests.app.harness import ManualClock, Person, served

DAY = 24 * 3600.0


async def words(person: Person, room: str) -> list[str]:
    return [m["text"] for m in (await person.got("GET", f"/rooms/{room}/messages"))["messages"]]


def test_what_is_older_than_a_room_keeps_it_is_deleted_for_everybody(tmp_path: Path) -> None:
    async def go() -> None:
        clock = ManualClock()
        async with served(tmp_path, clock=clock) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room, other = await ann.room("Den", agent=None), await ann.room("Attic", agent=None)
            await ann.let_in(room, bob)
            changed = await ann.got("PATCH", f"/rooms/{room}", {"retention": 7})
            assert (changed["name"], changed["retention"]) == ("Den", 7)
            assert (await ann.got("PATCH", f"/rooms/{room}", {"name": "Cave"}))["retention"] == 7
            kept = {r["id"]: r["retention"] for r in (await ann.got("GET", "/rooms"))["rooms"]}
            assert kept == {room: 7, other: 0}
            async with bob.line({room: 0}) as line:
                async with ann.line({room: 0, other: 0}) as writing:
                    first = await writing.post(room, "1", "an old secret")
                    await writing.post(other, "1", "stays")
                    clock.advance(6 * DAY)
                    await writing.post(room, "2", "new")
                clock.advance(1 * DAY + EVERY)
                gone = await line.until("deleted")
                assert (gone["id"], gone["by"]) == (first["id"], "retention")
                assert gone["seq"] == 4  # Bob came, two messages, and this: no gap
            assert await words(ann, room) == ["", "new"]
            assert await words(ann, other) == ["stays"]

    asyncio.run(go())
    assert b"an old secret" not in b"".join(path.read_bytes() for path in tmp_path.glob("aside.db*"))


def test_only_owners_say_how_long_and_only_whole_days(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room = await ann.room("Den", agent=None)
            await ann.let_in(room, bob)
            assert (await bob.call("PATCH", f"/rooms/{room}", {"retention": 1})).status_code == 403
            for wrong in (-1, 0.5, "1"):
                answer = await ann.call("PATCH", f"/rooms/{room}", {"retention": wrong})
                assert (answer.status_code, answer.json()["error"]["field"]) == (422, "retention")

    asyncio.run(go())


@pytest.mark.parametrize("count", [101])
def test_more_than_one_batch_goes_at_one_look(tmp_path: Path, count: int) -> None:
    async def go() -> None:
        clock = ManualClock()
        async with served(tmp_path, clock=clock) as house:
            ann = await house.user("Ann")
            room = await ann.room("Den", agent=None)
            live = await house.parts.rooms.get(room)
            for i in range(count):
                await live.post_agent(ann.id, f"c{i}", f"words {i}", None)
            await ann.got("PATCH", f"/rooms/{room}", {"retention": 1})
            async with ann.line({room: count}) as line:
                clock.advance(2 * DAY)
                for _ in range(count):
                    await line.until("deleted")

    asyncio.run(go())


def test_a_room_that_never_came_in_whole_goes_and_no_session_waits_for_that(tmp_path: Path) -> None:
    async def go() -> None:
        clock = ManualClock()
        async with served(tmp_path, clock=clock) as house:
            store, swept = house.parts.store, asyncio.Event()

            async def forever(now: object) -> None:
                swept.set()
                await asyncio.Event().wait()

            store.transfers.sweep = forever  # type: ignore[method-assign]
            ann = await house.user("Ann")
            async with ann.line() as line, asyncio.timeout(5):
                await line.until("welcome")
                clock.advance(EVERY + 1)
                await swept.wait()
                clock.advance(LOOK)
                await asyncio.sleep(0.05)
                await store.credentials.revoke(ann.id, None, clock.now())
                closed = asyncio.ensure_future(line.closed())
                while not closed.done():
                    clock.advance(LOOK)
                    await asyncio.sleep(0.01)
                assert closed.result() == (4401, REVOKED)

    asyncio.run(go())
