"""Coming back over the websocket: what was missed, later hellos, slow readers."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from app.protocol import TEXT_LIMIT
from app.room import Room
from tests.app.harness import ManualClock, Person, served


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


async def flood(room: Room, who: Person, clock: ManualClock, messages: int, text: str = "x") -> None:
    """Ten at a time, and a rest that fills the sender's bucket again."""
    for first in range(0, messages, 10):
        clock.advance(10)
        numbers = range(first, min(first + 10, messages))
        await asyncio.gather(*(room.send(who.id, f"c{i}", text, None) for i in numbers))


def events(frames: Any, room: str) -> list[int]:
    return [f["seq"] for f in frames if f.get("room") == room and f.get("seq") and f["type"] != "live"]


def test_what_was_missed_comes_in_order_then_live(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room, other = await ann.room(agent=None), await ann.room(agent=None)
            ack = await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "c1", "text": "1"})
            await ann.let_in(room, bob)
            async with ann.line({room: 0}) as line:
                await line.send(type="react", room=room, id=ack["id"], emoji="👍", on=True)
                await line.until("reaction")
            await ann.got("DELETE", f"/rooms/{room}/members/{bob.id}")
            async with ann.line({room: 1, other: 0}) as line:
                kinds = [(f["type"], f.get("state")) for f in line.skipped if f.get("room") == room]
                assert kinds == [("presence", "joined"), ("reaction", None), ("presence", "left")]
                assert events(line.skipped, room) == [2, 3, 4]
            async with ann.line({room: 4}, live=False) as line:
                assert (await line.next())["type"] == "welcome"
                assert await line.next() == {"type": "live", "room": room, "seq": 4}
            async with ann.line({room: 5}, live=False) as line:
                assert (await line.next())["field"] == "after"
                assert (await line.next())["rooms"] == []

    run(go())


def test_a_later_hello_adds_rooms_and_may_ask_again(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            one, two = await ann.room(agent=None), await ann.room(agent=None)
            async with ann.line({one: 0}) as line:
                await line.post(one, "c1", "1")
                await ann.hello(line, {two: 0})
                await line.until("live", room=two)
                assert (await line.post(two, "c1", "2"))["type"] == "ack"
                await line.quiet()
                await ann.hello(line, {one: 0})
                assert (await line.until("live", room=one))["seq"] == 1
                assert line.skipped[-1]["message"]["text"] == "1"
                await bob.hello(line, {})
                assert (await line.next())["code"] == "unauthorized"
                assert (await line.closed())[0] == 4401

    run(go())


def test_a_log_longer_than_a_page_and_than_the_queue_is_replayed_whole(tmp_path: Path) -> None:
    async def go() -> None:
        clock = ManualClock()
        async with served(tmp_path, clock=clock) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent=None)
            live = await house.parts.rooms.get(room)
            await flood(live, ann, clock, 1203)
            async with ann.line({room: 0}) as line:
                assert events(line.skipped, room) == list(range(1, 1204))

    run(go())


def test_who_comes_back_amid_traffic_misses_nothing_and_gets_nothing_twice(tmp_path: Path) -> None:
    async def go() -> None:
        clock = ManualClock()
        async with served(tmp_path, clock=clock) as house:
            writers = [await house.user(f"W{i}") for i in range(3)]
            reader = await house.user("Reader")
            room = await writers[0].room(agent=None)
            await writers[0].let_in(room, *writers[1:], reader)
            live = await house.parts.rooms.get(room)

            async def write(who: Person) -> None:
                for i in range(150):
                    clock.advance(1)
                    await live.send(who.id, f"c{i}", f"{who.name} {i}", None)

            async def read() -> list[int]:
                seen: list[int] = []
                for stop in (100, 200, 300, 453):
                    async with reader.line({room: seen[-1] if seen else 0}, live=False) as line:
                        while (seen[-1] if seen else 0) < stop:
                            frame = await line.next()
                            if frame.get("seq") and frame["type"] in ("message", "presence", "reaction"):
                                seen.append(frame["seq"])
                return seen

            seen, *_ = await asyncio.gather(read(), *map(write, writers))
            assert seen == list(range(1, 454))

    run(go())


def test_a_slow_reader_never_holds_up_the_room_and_is_told_where_to_go_on(tmp_path: Path) -> None:
    async def go() -> None:
        clock = ManualClock()
        async with served(tmp_path, clock=clock) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room = await ann.room(agent=None)
            await ann.let_in(room, bob)
            live = await house.parts.rooms.get(room)
            async with bob.line({room: 0}) as slow:
                slow.connection.transport.pause_reading()
                await flood(live, ann, clock, 2500, "x" * TEXT_LIMIT)
                slow.connection.transport.resume_reading()
                seen: list[int] = []
                frame = await slow.next()
                while frame["type"] != "resync":
                    seen += [frame["seq"]] if frame["type"] == "message" else []
                    frame = await slow.next()
                assert seen == list(range(2, 2 + len(seen)))
                assert frame == {"type": "resync", "room": room, "after": seen[-1]}
                await bob.hello(slow, {room: frame["after"]})
                await slow.until("live")
                rest = [f["seq"] for f in slow.skipped if f["type"] == "message"]
                assert seen + rest == list(range(2, 2502))

    run(go())
