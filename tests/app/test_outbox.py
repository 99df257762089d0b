"""What waits for one reader."""

import asyncio
import json

import pytest

from app.outbox import LIMIT, Outbox, ReaderGone


def silent() -> None:
    pass


def drained(outbox: Outbox, n: int = 10_000) -> list[str]:
    return [body for _, body in zip(range(n), iter(outbox.next, None), strict=False)]


def filled(events: int = LIMIT, room: str = "r", first: int = 1) -> Outbox:
    outbox = Outbox(silent)
    for seq in range(first, first + events):
        outbox.event(room, seq, f"e{seq}")
    return outbox


def test_first_in_first_out() -> None:
    outbox = Outbox(silent)
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
        outbox.next()
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


def test_who_keeps_up_is_written_to_at_once() -> None:
    sent: list[str] = []
    woken: list[bool] = []

    def write(body: str) -> bool:
        if len(sent) == 2:
            return False
        sent.append(body)
        return True

    outbox = Outbox(lambda: woken.append(True), write)
    outbox.answer("a")
    outbox.event("r", 1, "e1")
    assert (sent, len(outbox), woken) == (["a", "e1"], 0, [])
    outbox.event("r", 2, "e2")  # it does not keep up any more
    sent.clear()
    outbox.event("r", 3, "e3")  # it does again, but what came before goes first
    assert (sent, len(outbox), woken) == ([], 2, [True])
    assert outbox.next() == "e2"
    outbox.answer("b")  # and what is just being sent is not overtaken
    assert drained(outbox) == ["e3", "b"]
    outbox.answer("c")
    assert (sent, woken) == (["c"], [True])


def test_who_sends_what_waits_is_woken_once_each_time() -> None:
    woken: list[bool] = []
    outbox = Outbox(lambda: woken.append(True))
    for _ in range(2):
        outbox.answer("a")
        outbox.answer("b")
        assert drained(outbox) == ["a", "b"]
    assert woken == [True, True]
    outbox.close()
    outbox.answer("c")
    assert woken == [True, True]
