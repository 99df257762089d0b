"""One room in several processes, and its end."""

import asyncio
from typing import Any

import pytest

from app.bus import Note
from app.errors import NotFound, Unavailable
from app.frames import Draft, Pong, TypingEvent
from app.line import LENGTH
from app.views import member_view
from conversation.member import Member
from tests.app.scene import Reader, scene
from tests.app.store.opened import NOW


def test_what_another_process_logged_is_told_in_order(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            reader = Reader(s.ann)
            s.room.subscribe(reader)
            author = s.room.member(s.ann).as_author()
            await s.store.messages.post(s.room.id, author, "o1", "from elsewhere", None, NOW)
            # No hint has come; our own message finds the gap.
            await s.room.send(s.ann, "c1", "from here", None)
            posted = await s.store.messages.post(s.room.id, author, "o2", "again", None, NOW)
            s.bus.heard(Note(seq=posted.message.seq))
            s.bus.heard(Note(seq=posted.message.seq))
            await s.room.send(s.ann, "c2", "after", None)
            assert [f["message"]["text"] for f in reader.got] == ["from elsewhere", "from here", "again", "after"]
            assert [f["seq"] for f in reader.got] == [1, 2, 3, 4]

    asyncio.run(go())


def test_passing_frames_of_another_process(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            reader = Reader(s.ann)
            s.room.subscribe(reader)
            bob = await s.person("Bob")
            s.bus.published.clear()
            s.bus.heard(Note(frame=TypingEvent(room=s.room.id, user=bob, on=True).model_dump_json()))
            assert s.room.floor().typing == {bob}
            author = {"id": "x", "name": "Sage", "kind": "agent"}
            draft = Draft.model_validate({"room": s.room.id, "draft": "d", "author": author, "delta": "Hm"})
            s.bus.heard(Note(frame=draft.model_dump_json()))
            s.bus.heard(Note(frame=Pong().model_dump_json(), watchers=True))
            assert reader.kinds() == ["presence", "typing", "draft"]
            s.bus.heard(Note(changed=True))
            s.bus.heard(Note(name="Coffee"))
            assert s.room.name == "Coffee"
            await asyncio.sleep(0)
            assert s.listener.told[-1] == "changed"
            assert s.bus.published == []
            for _ in range(2):
                s.bus.heard(Note(gone=True))
            assert s.room.members() == ()
            assert [(f["type"], f.get("state")) for f in reader.got[3:]] == [("presence", "left")]
            assert s.room.idle

    asyncio.run(go())


def test_one_process_thinks_and_stops_when_told(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            await s.room.send(s.ann, "c1", "x", None)
            s.owners.lead(None)
            await asyncio.sleep(0)
            assert s.listener.closed
            await s.room.send(s.ann, "c2", "y", None)
            await asyncio.sleep(0)
            assert s.listener.told == ["x"]
            s.owners.lead(2)
            await s.room.send(s.ann, "c3", "z", None)
            await asyncio.sleep(0)
            assert s.listener.told == ["x", "z"]

    asyncio.run(go())


def test_deleting_tells_everybody_that_they_have_left(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            reader = Reader(s.ann)
            s.room.subscribe(reader)
            await s.rooms.delete(s.room.id)
            member = member_view(Member(s.ann, "Ann", "owner"), False).model_dump()
            assert reader.got == [
                {"type": "presence", "room": s.room.id, "seq": None, "member": member, "state": "left"}
            ]
            with pytest.raises(NotFound):
                s.room.typing(s.ann, True)
            with pytest.raises(NotFound):
                await s.rooms.get(s.room.id)
            assert s.listener.closed
            assert Note(gone=True) in s.bus.published

    asyncio.run(go())


def test_who_waits_while_the_room_closes_is_told(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            hold = asyncio.Event()

            async def held(*args: Any, **more: Any) -> Any:
                await hold.wait()

            s.store.messages.post = held  # type: ignore[method-assign]
            first = asyncio.ensure_future(s.room.send(s.ann, "c1", "x", None))
            second = asyncio.ensure_future(s.room.send(s.ann, "c2", "y", None))
            for _ in range(5):
                await asyncio.sleep(0)
            await s.rooms.close()
            with pytest.raises(Unavailable):
                await asyncio.wait_for(second, 1)
            with pytest.raises(Unavailable):
                await asyncio.wait_for(first, 1)
            hold.set()

    asyncio.run(go())


def test_who_waits_for_a_place_in_the_line_while_the_room_closes_is_told_too(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            reacting = [asyncio.ensure_future(s.room.react(s.ann, "none", "👍", True)) for _ in range(3 * LENGTH)]
            await asyncio.sleep(0)
            await s.rooms.delete(s.room.id)
            told = await asyncio.wait_for(asyncio.gather(*reacting, return_exceptions=True), 5)
            assert {type(error) for error in told} <= {NotFound, Unavailable}

    asyncio.run(go())


def test_what_was_written_while_the_room_closed_is_told_when_it_is_sent_again(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            post, goes_on = s.store.messages.post, asyncio.Event()

            async def held(*args: Any, **more: Any) -> Any:
                await goes_on.wait()
                return await post(*args, **more)

            s.store.messages.post = held  # type: ignore[method-assign]
            sending = asyncio.ensure_future(s.room.send(s.ann, "c1", "x", None))
            for _ in range(5):
                await asyncio.sleep(0)
            await s.rooms.strike(s.room.id)
            with pytest.raises(Unavailable):
                await sending
            room, reader = await s.rooms.get(s.room.id), Reader(s.ann)
            room.subscribe(reader)
            goes_on.set()
            while await s.store.messages.by_client_id(room.id, s.ann, "c1") is None:
                pass
            assert (await room.send(s.ann, "c1", "x", None)).seq == 1
            assert [f["seq"] for f in reader.got] == [1]

    asyncio.run(go())
