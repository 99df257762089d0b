"""The bus between processes, over a real Redis."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.bus import Here, Note
from app.frames import SERVER_FRAME
from app.redis_bus import BACKLOG, BEAT, GONE, RETRY, RedisBus
from tests.app.harness import ManualClock, served

REDIS = os.environ.get("ASIDE_TEST_REDIS", "redis://127.0.0.1:6379")
NOWHERE = "redis://127.0.0.1:9"


@pytest.fixture
def redis_url() -> str:
    address = urlsplit(REDIS)
    try:
        socket.create_connection((address.hostname or "127.0.0.1", address.port or 6379), timeout=2).close()
    except OSError as error:
        pytest.skip(f"no Redis at {REDIS} (ASIDE_TEST_REDIS): {error}")
    return REDIS


@dataclass
class Joined:
    notes: list[Note] = field(default_factory=list)


@asynccontextmanager
async def buses(url: str, *clocks: ManualClock) -> AsyncIterator[list[RedisBus]]:
    running = [RedisBus(url, clock) for clock in clocks]
    for bus in running:
        await bus.start()
    try:
        yield running
    finally:
        for bus in running:
            await bus.close()


async def soon(true: Callable[[], bool]) -> None:
    """Waits for what another task does over a real connection."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 (what we wait for is on the other side of a socket)
            await asyncio.sleep(0.005)


async def subscribed(bus: RedisBus, room: str, processes: int = 2) -> None:
    """Waits until Redis knows that so many processes follow `room`."""
    channel = f"aside:room:{room}"
    async with asyncio.timeout(10):
        while dict(await bus._redis.pubsub_numsub(channel))[channel.encode()] < processes:
            pass


def test_a_note_reaches_the_others_and_not_its_sender(redis_url: str) -> None:
    async def go() -> None:
        room, other = secrets.token_hex(8), secrets.token_hex(8)
        async with buses(redis_url, ManualClock(), ManualClock()) as (here, there):
            mine, theirs, elsewhere = Joined(), Joined(), Joined()
            await here.join(room, mine.notes.append)
            await there.join(room, theirs.notes.append)
            await there.join(other, elsewhere.notes.append)
            await subscribed(there, room)
            await subscribed(there, other, 1)
            for joined in (mine, theirs, elsewhere):
                joined.notes.clear()  # the look at the log that a new connection asks for
            here.publish(room, Note(seq=7))
            here.publish(room, Note(frame='{"type":"pong"}', watchers=True))
            await soon(lambda: len(theirs.notes) == 2)
            assert theirs.notes == [Note(seq=7), Note(frame='{"type":"pong"}', watchers=True)]
            assert mine.notes == []
            assert elsewhere.notes == []
            await there.leave(room)
            await there.leave(other)
            await here.leave(room)

    asyncio.run(go())


def test_without_redis_we_look_at_the_log_now_and_then() -> None:
    async def go() -> None:
        clock = ManualClock()
        async with buses(NOWHERE, clock) as (bus,):
            mine = Joined()
            await bus.join("r", mine.notes.append)
            bus.publish("r", Note(seq=1))

            def looked() -> bool:
                clock.advance(RETRY)
                return len(mine.notes) >= 2

            await soon(looked)
            assert set(mine.notes) == {Note()}
            await bus.leave("r")

    asyncio.run(go())


def test_a_process_that_is_silent_is_gone_with_its_people(redis_url: str) -> None:
    async def go() -> None:
        clocks = ManualClock(), ManualClock()
        async with buses(redis_url, *clocks) as (here, there):
            mine = Joined()
            room = secrets.token_hex(8)
            await here.join(room, mine.notes.append)
            await subscribed(here, room, 1)
            await soon(lambda: bool(mine.notes))

            def alive() -> bool:
                clocks[1].advance(BEAT)
                return there.me in here._alive

            await soon(alive)
            mine.notes.clear()
            await there.close()
            await here.leave("no such room")

            def beaten() -> bool:
                clocks[0].advance(BEAT)
                return any(note.here is not None and note.here.by == there.me for note in mine.notes)

            began = clocks[0].tick()
            await soon(beaten)
            assert clocks[0].tick() - began >= GONE
            assert [note for note in mine.notes if note.here is not None and note.here.by == there.me] == [
                Note(here=Here(by=there.me, all=True))
            ]

    asyncio.run(go())


def test_a_process_that_only_slept_is_asked_who_is_there(redis_url: str) -> None:
    async def go() -> None:
        clocks = ManualClock(), ManualClock()
        async with buses(redis_url, *clocks) as (here, there):
            mine = Joined()
            room = secrets.token_hex(8)
            await here.join(room, mine.notes.append)
            await subscribed(here, room, 1)

            def alive() -> bool:
                clocks[1].advance(BEAT)
                return there.me in here._alive

            await soon(alive)

            def gone() -> bool:
                clocks[0].advance(BEAT)
                return there.me not in here._alive

            await soon(gone)
            mine.notes.clear()
            await soon(alive)
            assert mine.notes == [Note(here=Here(by=here.me, asks=True))]
            await here.leave(room)

    asyncio.run(go())


def test_who_is_here_is_said_again_where_it_was_not_heard(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        async with buses(redis_url, ManualClock(), ManualClock()) as (here, there):
            mine, theirs = Joined(), Joined()
            room, left = secrets.token_hex(8), secrets.token_hex(8)
            asking, nobody = Note(here=Here(by=here.me, asks=True)), Note(here=Here(by=here.me, all=True))
            await here.join(room, mine.notes.append)
            await there.join(room, lambda note: None)
            await there.join(left, theirs.notes.append)
            await subscribed(here, room)
            await subscribed(there, left, 1)
            await soon(lambda: asking in mine.notes)
            mine.notes.clear()
            for _ in range(BACKLOG):
                here.publish("elsewhere", Note(seq=1))
            here.publish(room, Note(here=Here(by=here.me, came=("ann",))))  # there is no place for it
            here.publish(left, Note(here=Here(by=here.me, went=("ann",))))
            await soon(lambda: mine.notes == [asking] and nobody in theirs.notes)
            mine.notes.clear()
            publish, tried = here._redis.publish, 0

            async def broken(channel: str, body: str) -> None:
                nonlocal tried
                tried += 1
                raise OSError

            monkeypatch.setattr(here._redis, "publish", broken)
            here.publish(room, Note(here=Here(by=here.me, came=("bob",))))
            await soon(lambda: tried == 1)
            monkeypatch.setattr(here._redis, "publish", publish)
            here.publish("elsewhere", Note(seq=1))
            await soon(lambda: mine.notes == [asking])

    asyncio.run(go())


def test_a_frame_of_another_version_makes_nobody_deaf(redis_url: str) -> None:
    async def go() -> None:
        async with buses(redis_url, ManualClock(), ManualClock()) as (here, there):
            room, theirs = secrets.token_hex(8), Joined()

            def heard(note: Note) -> None:
                if note.frame is not None:
                    SERVER_FRAME.validate_json(note.frame)
                theirs.notes.append(note)

            await here.join(room, lambda note: None)
            await there.join(room, heard)
            await subscribed(here, room)
            here.publish(room, Note(frame='{"type":"of tomorrow"}'))
            here.publish(room, Note(seq=7))
            await soon(lambda: Note(seq=7) in theirs.notes)

    asyncio.run(go())


def test_a_connection_that_cannot_even_be_closed_makes_nobody_deaf(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go() -> None:
        clock = ManualClock()
        async with buses(redis_url, clock) as (bus,):
            await soon(lambda: bus._pubsub is not None)
            lost = bus._pubsub
            assert lost is not None
            assert lost.connection is not None

            async def hangs() -> None:
                raise TimeoutError("timed out closing connection")

            monkeypatch.setattr(lost, "aclose", hangs)
            await lost.connection.disconnect()

            def heard_again() -> bool:
                clock.advance(RETRY)
                return bus._pubsub not in (None, lost)

            await soon(heard_again)

    asyncio.run(go())


def test_two_processes_are_one_chat(tmp_path: Path, redis_url: str, postgres_url: str) -> None:
    async def go() -> None:
        at: dict[str, Any] = {"database": postgres_url, "redis": redis_url}
        async with served(tmp_path, **at) as one, served(tmp_path, **at) as two:
            ann, bob = await one.user("Ann"), await one.user("Bob")
            room = await ann.room(agent=None)
            await ann.let_in(room, bob)
            bob.house = two
            async with ann.line({room: 0}) as a, bob.line({room: 0}) as b:
                online = await a.until("presence", state="online")
                assert online["member"]["id"] == bob.id
                welcome = next(f for f in b.skipped if f["type"] == "welcome")
                here = {m["id"]: m["online"] for m in welcome["rooms"][0]["members"]}
                if not here[ann.id] and not any(f["type"] == "presence" for f in b.skipped):  # it had not answered yet
                    assert (await b.until("presence", state="online"))["member"]["id"] == ann.id
                for i in range(6):
                    await (a if i % 2 else b).post(room, f"c{i}", str(i))
                for line in (a, b):
                    texts = [f["message"]["text"] for f in line.skipped if f["type"] == "message"]
                    while len(texts) < 6:
                        texts.append((await line.until("message"))["message"]["text"])
                    assert sorted(texts) == ["0", "1", "2", "3", "4", "5"]
                await b.send(type="typing", room=room, on=True)
                assert (await a.until("typing"))["user"] == bob.id
                await ann.got("DELETE", f"/rooms/{room}/members/{bob.id}")
                assert (await b.until("presence", state="left"))["member"]["id"] == bob.id

    asyncio.run(go())


def test_a_single_process_does_not_miss_redis(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path, redis=NOWHERE) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room = await ann.room()
            await ann.let_in(room, bob)
            async with ann.line({room: 0}) as a, bob.line({room: 0}) as b:
                await a.post(room, "c1", "Tea?")
                assert (await b.until("message"))["message"]["text"] == "Tea?"

    asyncio.run(go())


def test_notes_that_wait_are_counted() -> None:
    async def go() -> None:
        bus = RedisBus("redis://127.0.0.1:1", ManualClock())
        for i in range(3):
            bus.publish("r", Note(seq=i))
        assert bus.unsent() == 3
        await bus.close()

    asyncio.run(go())
