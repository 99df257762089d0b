"""What waits for one reader."""

import asyncio
import json

import pytest

from app.outbox import LIMIT, Outbox, ReaderGone


def drained(outbox: Outbox, n: int | None = None) -> list[str]:
    async def go() -> list[str]:
        frames: list[str] = []
        while len(outbox) and (n is None or len(frames) < n):
            frames.append(await outbox.next())
        return frames

    return asyncio.run(go())


def filled(events: int = LIMIT, room: str = "r", first: int = 1) -> Outbox:
    outbox = Outbox()
    for seq in range(first, first + events):
        outbox.event(room, seq, f"e{seq}")
    return outbox


def test_first_in_first_out() -> None:
    outbox = Outbox()
    outbox.answer("a")
    outbox.event("r", 1, "e1")
    outbox.passing("p")
    assert drained(outbox) == ["a", "e1", "p"]


def test_an_event_is_put_once() -> None:
    outbox = filled(2)
    outbox.event("r", 2, "e2")
    outbox.event("r", 1, "e1")
    assert drained(outbox) == ["e1", "e2"]


def test_start_lets_events_come_again() -> None:
    outbox = filled(2)
    outbox.start("r", 0)
    outbox.event("r", 1, "e1")
    assert drained(outbox) == ["e1", "e2", "e1"]


def test_passing_frames_give_way_first() -> None:
    outbox = filled(LIMIT - 2)
    outbox.passing("p1")
    outbox.passing("p2")
    outbox.passing("p3")  # full: forgotten
    outbox.event("r", LIMIT - 1, "x")
    outbox.event("r", LIMIT, "y")
    frames = drained(outbox)
    assert frames[-2:] == ["x", "y"]
    assert len(frames) == LIMIT
    assert not outbox.lost("r")


def test_a_full_box_owns_up_once_there_is_room() -> None:
    outbox = filled(LIMIT)
    for seq in range(LIMIT + 1, LIMIT + 20):
        outbox.event("r", seq, f"e{seq}")
    outbox.event("other", 7, "o7")
    outbox.answer("pong")
    assert outbox.lost("r")
    assert outbox.lost("other")
    frames = drained(outbox)
    assert frames[: LIMIT + 1] == [f"e{i}" for i in range(1, LIMIT + 1)] + ["pong"]
    assert [json.loads(frame) for frame in frames[LIMIT + 1 :]] == [
        {"type": "resync", "room": "r", "after": LIMIT},
        {"type": "resync", "room": "other", "after": 0},
    ]
    outbox.event("r", LIMIT + 20, "later")
    assert drained(outbox) == ["later"]


def test_nothing_of_a_room_follows_a_loss_before_the_resync() -> None:
    outbox = filled(LIMIT)
    outbox.event("r", LIMIT + 1, "lost")
    assert drained(outbox, 10)[-1] == "e10"
    outbox.event("r", LIMIT + 2, "out of order")
    frames = drained(outbox)
    assert "out of order" not in frames
    assert json.loads(frames[-1])["after"] == LIMIT


def test_space_waits_for_the_reader() -> None:
    async def go() -> None:
        outbox = filled(LIMIT)
        waiting = asyncio.ensure_future(outbox.space())
        await asyncio.sleep(0)
        assert not waiting.done()
        await outbox.next()
        await waiting

    asyncio.run(go())


def test_space_ends_when_the_reader_is_gone() -> None:
    async def go() -> None:
        outbox = filled(LIMIT)
        waiting = asyncio.ensure_future(outbox.space())
        await asyncio.sleep(0)
        outbox.close()
        with pytest.raises(ReaderGone):
            await waiting
        with pytest.raises(ReaderGone):
            await outbox.space()

    asyncio.run(go())


def test_next_waits_for_a_frame() -> None:
    async def go() -> None:
        outbox = Outbox()
        waiting = asyncio.ensure_future(outbox.next())
        await asyncio.sleep(0)
        assert not waiting.done()
        outbox.answer("a")
        assert await waiting == "a"

    asyncio.run(go())
