"""One authenticated connection, without a socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.connection import Connection, error_event
from app.errors import BadInput, TooMany, Unauthorized
from app.frames import Draft, Hello, Ping, Resume, Send, Typing
from app.outbox import Outbox
from app.parts import Parts
from app.rates import FRAMES
from app.store.credentials import Bearer
from tests.app.harness import ManualClock, Person, served


@dataclass
class Scene:
    connection: Connection
    outbox: Outbox
    ann: Person
    room: str


@asynccontextmanager
async def connected(folder: Path) -> AsyncIterator[Scene]:
    async with served(folder, clock=ManualClock()) as house:
        ann = await house.user("Ann")
        room = await ann.room(agent=None)
        outbox = Outbox(lambda: None)
        connection = Connection(house.parts, await bearer(house.parts, ann.token), outbox)
        yield Scene(connection, outbox, ann, room)
        connection.close()


async def bearer(parts: Parts, token: str) -> Bearer:
    found = await parts.store.credentials.bearer(token, parts.clock.now())
    assert found is not None
    return found


def hello(who: Person, **rooms: int) -> Hello:
    named = [Resume(room=room, after=after) for room, after in rooms.items()]
    return Hello(type="hello", token=who.token, rooms=named)


def drained(outbox: Outbox) -> list[dict[str, Any]]:
    return [orjson.loads(body) for body in iter(outbox.next, None)]


def test_the_welcome_is_the_first_word_and_live_the_last(tmp_path: Path) -> None:
    async def go() -> None:
        async with connected(tmp_path) as s:
            await s.ann.got("POST", f"/rooms/{s.room}/messages", {"client_id": "c1", "text": "Tea?"})
            await s.connection.handle(hello(s.ann, **{s.room: 0}))
            assert [f["type"] for f in drained(s.outbox)] == ["welcome", "message", "live"]

    asyncio.run(go())


def test_a_room_twice_in_one_hello_counts_once(tmp_path: Path) -> None:
    async def go() -> None:
        async with connected(tmp_path) as s:
            twice = Hello(type="hello", token=s.ann.token, rooms=[Resume(room=s.room), Resume(room=s.room)])
            await s.connection.handle(twice)
            assert [f["type"] for f in drained(s.outbox)] == ["welcome", "live"]

    asyncio.run(go())


def test_frames_for_rooms_that_no_hello_named_are_refused(tmp_path: Path) -> None:
    async def go() -> None:
        async with connected(tmp_path) as s:
            await s.connection.handle(hello(s.ann))
            with pytest.raises(Exception, match="no hello named it"):
                await s.connection.handle(Typing(type="typing", room=s.room, on=True))

    asyncio.run(go())


def test_another_token_is_no_longer_this_connection(tmp_path: Path) -> None:
    async def go() -> None:
        async with connected(tmp_path) as s:
            bob = await s.ann.house.user("Bob")
            await s.connection.handle(hello(s.ann))
            with pytest.raises(Unauthorized):
                await s.connection.handle(hello(bob))

    asyncio.run(go())


def test_passing_frames_come_during_a_replay_and_events_only_from_the_log(tmp_path: Path) -> None:
    async def go() -> None:
        async with connected(tmp_path) as s:
            live = await s.ann.house.parts.rooms.get(s.room)
            bodies = s.ann.house.parts.store.events.bodies
            author = {"id": "g", "name": "Sage", "kind": "agent"}

            async def meanwhile(room_id: str, after: int) -> Any:
                page = await bodies(room_id, after)
                if after == 0:  # what was read is old before it is sent
                    live.broadcast(Draft.model_validate({"room": s.room, "draft": "d", "author": author, "delta": "x"}))
                    await live.send(s.ann.id, "c1", "during the replay", None)
                return page

            await live.send(s.ann.id, "c0", "before the replay", None)
            s.ann.house.parts.store.events.bodies = meanwhile  # type: ignore[method-assign, assignment]
            await s.connection.handle(hello(s.ann, **{s.room: 0}))
            await s.connection.handle(Send(type="send", room=s.room, client_id="c2", text="after it"))
            frames = drained(s.outbox)
            kinds = [f["type"] for f in frames]
            assert kinds == ["welcome", "draft", "message", "message", "live", "ack", "message"]
            assert [f["seq"] for f in frames if f["type"] == "message"] == [1, 2, 3]

    asyncio.run(go())


def test_frames_are_counted(tmp_path: Path) -> None:
    async def go() -> None:
        async with connected(tmp_path) as s:
            for _ in range(FRAMES.burst):
                s.connection.count()
            with pytest.raises(TooMany, match="50 frames a second"):
                s.connection.count()

    asyncio.run(go())


def test_ping(tmp_path: Path) -> None:
    async def go() -> None:
        async with connected(tmp_path) as s:
            await s.connection.handle(Ping(type="ping"))
            assert drained(s.outbox) == [{"type": "pong"}]

    asyncio.run(go())


def test_an_error_says_what_and_where() -> None:
    event = error_event(BadInput("too long", "text", "x" * 200), "c1")
    assert (event.code, event.detail, event.field, event.client_id) == ("bad_input", "too long", "text", "c1")
    assert event.value is not None
    assert len(event.value) == 100
