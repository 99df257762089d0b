"""Agents wake up when they were asked to, once, and not for what nobody waits for any more."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.protocol import NewAgent
from app.reminding import LATE, MOST, said
from app.store.reminders import Promise
from tests.app.minds import NEVER, World, reborn, world
from thoughts.reminder import Reminder

MIKA = NewAgent(name="Mika", policy=NEVER, mode="speak")


@asynccontextmanager
async def den(folder: Path, agent: NewAgent = MIKA) -> AsyncIterator[World]:
    async with world(folder, agent) as w:
        yield w


def texts(w: World) -> list[str]:
    """What the agent said."""
    return [m.text for m in w.room.said if m.author.kind == "agent"]


def go(what: Callable[[World], Awaitable[None]], folder: Path, agent: NewAgent = MIKA) -> None:
    async def run() -> None:
        async with den(folder, agent) as w:
            await what(w)

    asyncio.run(run())


def test_it_promises_and_wakes_when_the_time_has_come(tmp_path: Path) -> None:
    async def what(w: World) -> None:
        ann = w.room.people[0].id
        asking = w.room.say(ann, "Mika, remind me in 20 minutes to take the bread out")
        await w.settle()
        (promised,) = texts(w)
        assert promised.startswith("I will, on Monday 5 January at ")
        assert not w.mind.idle
        await w.passes(19 * 60)
        assert len(texts(w)) == 1
        await w.passes(60)
        assert texts(w)[1:] == ["Ann, you asked me to remind you: “take the bread out”"]
        assert w.room.said[-1].reply_to == asking.id
        assert w.mind.idle
        runs = {r.trigger.kind: r for r in await w.stored() if r.trigger.seq == asking.seq}
        assert runs["addressed"].gate is not None
        assert runs["addressed"].gate.startswith("Ann asked it to wake up on ")
        assert runs["wake"].gate == "it woke up for Ann, as it had promised"
        await w.passes(3600)
        assert len(texts(w)) == 2

    go(what, tmp_path)


def test_another_process_keeps_what_one_promised(tmp_path: Path) -> None:
    async def what(w: World) -> None:
        w.room.say(w.room.people[0].id, "Mika, remind us in an hour to vote")
        await w.settle()
        w.clock.advance(2 * 3600)
        async with reborn(w) as again:
            await again.passes(1)
            assert texts(w)[-1] == "Ann asked me to remind everybody: “vote”"
            assert await w.store.reminders.of_room(w.room.id) == ()

    go(what, tmp_path)


def test_what_is_edited_holds_as_it_stands_and_what_is_deleted_not_at_all(tmp_path: Path) -> None:
    async def what(w: World) -> None:
        ann = w.room.people[0].id
        tea = w.room.say(ann, "Mika, remind me in 10 minutes to make tea")
        soup = w.room.say(ann, "Mika, remind me in 10 minutes to make soup")
        cake = w.room.say(ann, "Mika, remind me in 10 minutes to bake")
        await w.settle()
        w.room.rewords(tea, "Mika, remind me in 30 minutes to make coffee")
        w.room.rewords(soup, None)
        w.room.rewords(cake, "Mika, I bake")
        await w.settle()
        before = len(texts(w))
        await w.passes(15 * 60)
        assert len(texts(w)) == before
        await w.passes(15 * 60)
        assert texts(w)[before:] == ["Ann, you asked me to remind you: “make coffee”"]

    go(what, tmp_path)


def test_who_asked_takes_back_their_own(tmp_path: Path) -> None:
    async def what(w: World) -> None:
        ann, bob, *_ = (m.id for m in w.room.people)
        w.room.say(ann, "Mika, remind me in 10 minutes to eat")
        w.room.say(bob, "Mika, remind me in 10 minutes to drink")
        await w.settle()
        w.room.say(ann, "Mika, cancel my reminders")
        await w.settle()
        assert texts(w)[-1] == "Taken back: 1 reminder."
        w.room.say(ann, "Mika, cancel my reminders")
        await w.settle()
        assert texts(w)[-1] == "You have asked me for no reminder here."
        await w.passes(11 * 60)
        assert texts(w)[-1] == "Bob, you asked me to remind you: “drink”"

    go(what, tmp_path)


@pytest.mark.parametrize("answered", [True, False])
def test_only_if_nobody_has_answered(tmp_path: Path, answered: bool) -> None:
    async def what(w: World) -> None:
        ann, bob, *_ = (m.id for m in w.room.people)
        w.room.say(ann, "Mika, remind us in 10 minutes if nobody answers")
        await w.settle()
        assert texts(w)[-1].endswith(", if nobody has answered by then.")
        if answered:
            w.room.say(bob, "I do.")
        await w.passes(11 * 60)
        assert (texts(w)[-1] == "Ann asked me to remind everybody now.") == (not answered)
        (woken,) = [r for r in await w.stored() if r.trigger.kind == "wake"]
        assert (woken.gate == "somebody has answered Ann") == answered

    go(what, tmp_path)


def test_who_is_to_be_quiet_wakes_afterwards(tmp_path: Path) -> None:
    async def what(w: World) -> None:
        ann = w.room.people[0].id
        w.room.say(ann, "Mika, quiet for 30 minutes")
        await w.settle()
        asking = w.room.say(ann, "Mika, remind me in 10 minutes to eat")
        await w.settle()
        assert w.room.nods[-1] == (w.agents[0], asking.id, "⏰")
        await w.passes(29 * 60)
        assert texts(w) == []
        await w.passes(2 * 60)
        assert texts(w) == ["Ann, you asked me to remind you: “eat”"]

    go(what, tmp_path)


def test_what_comes_a_day_too_late_is_let_be(tmp_path: Path) -> None:
    async def what(w: World) -> None:
        w.room.say(w.room.people[0].id, "Mika, remind me in 10 minutes to eat")
        await w.settle()
        await w.mind.close()
        w.clock.advance(LATE.total_seconds() + 700)
        async with reborn(w) as again:
            await again.passes(1)
        (woken,) = [r for r in await w.stored() if r.trigger.kind == "wake"]
        assert woken.gate == "it had promised to wake up, and now it is too late"
        assert await w.store.reminders.of_room(w.room.id) == ()

    go(what, tmp_path)


def test_what_was_forgotten_is_not_said_again(tmp_path: Path) -> None:
    async def what(w: World) -> None:
        asking = w.room.say(w.room.people[0].id, "Mika, remind me in 10 minutes to eat")
        await w.settle()
        await w.store.erasing.erase([asking.id])  # with `keep_messages` it stays in the room
        await w.passes(11 * 60)
        assert len(texts(w)) == 1
        assert await w.store.reminders.of_room(w.room.id) == ()

    go(what, tmp_path)


def test_nobody_is_woken_for_who_left_or_is_not_to_be_read(tmp_path: Path) -> None:
    async def what(w: World) -> None:
        ann, bob, *rest = w.room.people
        w.room.say(bob.id, "Mika, remind us in 10 minutes to vote")
        await w.settle()
        w.room.people = (ann, *rest)
        await w.passes(11 * 60)
        (woken,) = [r for r in await w.stored() if r.trigger.kind == "wake"]
        assert woken.gate == "Bob, who had asked it to wake up, is gone"
        assert len(texts(w)) == 1

    go(what, tmp_path)


@pytest.mark.parametrize(
    "text", ["remind me in 20 minutes to eat", "Bob, remind me in 20 minutes to eat", "Mika, hello"]
)
def test_who_asks_nobody_or_nothing_is_promised_nothing(tmp_path: Path, text: str) -> None:
    async def what(w: World) -> None:
        w.room.say(w.room.people[0].id, text)
        await w.settle()
        assert await w.store.reminders.of_room(w.room.id) == ()

    go(what, tmp_path)


def test_who_only_thinks_promises_nothing(tmp_path: Path) -> None:
    async def what(w: World) -> None:
        w.room.say(w.room.people[0].id, "Mika, remind me in 20 minutes to eat")
        await w.settle()
        assert await w.store.reminders.of_room(w.room.id) == ()
        assert texts(w) == []

    go(what, tmp_path, NewAgent(name="Mika", policy=NEVER, mode="shadow"))


def test_there_is_an_end_to_what_is_promised(tmp_path: Path) -> None:
    async def what(w: World) -> None:
        due = w.clock.now() + timedelta(hours=5)
        for i in range(MOST):
            await w.store.reminders.put(w.room.id, Promise(w.agents[0], f"x{i}", due), None)
        async with reborn(w):
            w.room.mind = None
        async with reborn(w) as again:
            w.room.mind = again.mind
            w.room.say(w.room.people[0].id, "Mika, remind me in 20 minutes to eat")
            await again.settle()
            assert texts(w) == ["I keep as many reminders here as I can: tell me to cancel some."]
            await again.passes(5 * 3600)
            assert await w.store.reminders.of_room(w.room.id) == (), "what their messages said is gone"

    go(what, tmp_path)


def test_what_is_said_is_in_the_words_of_who_asked() -> None:
    due = datetime(2026, 1, 5, tzinfo=UTC)
    assert said("Ann", Reminder(due, "", "me", unanswered=False)) == "Ann, you asked me to remind you now."
