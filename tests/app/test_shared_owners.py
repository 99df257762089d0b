"""Several processes over one database: who thinks where, and what happens when one is gone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from app import metrics
from app.bus import Note
from app.errors import Unavailable
from app.protocol import AgentChange, NewAgent, QuietView
from app.shared_owners import BEAT, LOST, SharedOwners
from app.store import Store
from app.store.owners import RoomState
from tests.app.harness import ManualClock
from tests.app.store.opened import NOW, a_room, opened


@dataclass
class Joined:
    led: list[int | None] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass
class World:
    store: Store
    clock: ManualClock
    opened: list[str] = field(default_factory=list)

    async def process(self) -> SharedOwners:
        owners = SharedOwners(self.store, self.clock)
        await self.store.owners.register(owners.me)
        return owners

    async def join(self, owners: SharedOwners, room: str) -> Joined:
        joined = Joined()
        await owners.join(room, joined.led.append, joined.notes.append)
        return joined

    async def open(self, room: str) -> None:
        self.opened.append(room)

    async def pass_time(self, seconds: float, *living: SharedOwners) -> None:
        for _ in range(round(seconds / BEAT)):
            self.clock.advance(BEAT)
            for owners in living:
                await owners.tick(self.open)


@asynccontextmanager
async def world(url: str) -> AsyncIterator[World]:
    async with opened(url) as store:
        yield World(store, ManualClock())


def counted(name: str) -> float:
    return metrics.REGISTRY.get_sample_value(name) or 0.0


def test_one_process_thinks_and_another_takes_over_when_it_is_lost(database_url: str) -> None:
    async def go() -> None:
        async with world(database_url) as w:
            room, _, _ = await a_room(w.store)
            before = [counted("aside_processes_buried_total"), counted("aside_lost_leases_total")]
            one, two = await w.process(), await w.process()
            mine, theirs = await w.join(one, room), await w.join(two, room)
            assert (mine.led, theirs.led) == ([1], [])
            await w.pass_time(10, one, two)
            assert (mine.led, theirs.led) == ([1], [])
            await w.pass_time(LOST, two)
            assert theirs.led == []
            await w.pass_time(2 * BEAT, two)
            assert theirs.led == [2]
            # It had only slept: at its next beat it finds that it was taken for dead, and goes on under another name.
            name = one.me
            await one.tick(w.open)
            assert mine.led == [1, None]
            assert one.me != name
            await w.pass_time(10, one, two)
            assert (mine.led, theirs.led) == ([1, None], [2])
            after = [counted("aside_processes_buried_total"), counted("aside_lost_leases_total")]
            assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1]

    asyncio.run(go())


def test_who_leaves_frees_the_room_at_once(database_url: str) -> None:
    async def go() -> None:
        async with world(database_url) as w:
            room, _, _ = await a_room(w.store)
            one, two = await w.process(), await w.process()
            await w.join(one, room)
            theirs = await w.join(two, room)
            await one.leave(room)
            await w.pass_time(BEAT, one, two)
            assert theirs.led == [2]
            three = await w.process()
            last = await w.join(three, room)
            await two.close()
            await w.pass_time(BEAT, three)
            assert last.led == [3]

    asyncio.run(go())


def test_what_no_note_told_is_seen_in_the_database(database_url: str) -> None:
    async def go() -> None:
        async with world(database_url) as w:
            room, _, ann = await a_room(w.store, NewAgent())
            one = await w.process()
            joined = await w.join(one, room)
            await w.pass_time(BEAT, one)
            joined.notes.clear()
            await w.store.messages.post(room, ann, "c1", "Tea?", None, NOW)
            await w.store.rooms.rename(room, "Coffee")
            agent = (await w.store.agents.of_room(room))[0].id
            await w.store.agents.change(room, agent, AgentChange(mode="shadow"), NOW)
            await w.pass_time(BEAT, one)
            assert joined.notes == [Note(seq=1), Note(name="Coffee"), Note(changed=True)]
            joined.notes.clear()
            for told in (QuietView(until=NOW, by=ann.id, name="Ann", message="m1"), None):
                await w.store.agents.hush(room, agent, told)
                await w.pass_time(BEAT, one)
                assert joined.notes == [Note(seq=1), Note(changed=True)]
                joined.notes.clear()
            await w.store.rooms.delete(room)
            await w.pass_time(BEAT, one)
            assert joined.notes == [Note(gone=True)]

    asyncio.run(go())


def test_a_room_of_a_lost_process_that_nobody_has_open_is_opened_for_what_is_left_to_think_about(
    sqlite_url: str,
) -> None:
    async def go() -> None:
        async with world(sqlite_url) as w:
            room, _, ann = await a_room(w.store, NewAgent())
            one, two = await w.process(), await w.process()
            await w.join(one, room)
            await w.store.messages.post(room, ann, "c1", "Tea?", None, NOW)
            await w.pass_time(2 * BEAT, one, two)
            assert w.opened == []
            await w.pass_time(LOST + 2 * BEAT, two)
            await asyncio.sleep(0)
            assert set(w.opened) == {room}
            await two.close()

    asyncio.run(go())


def test_who_cannot_reach_the_database_gives_up_its_rooms(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def go() -> None:
        async with world(sqlite_url) as w:
            room, _, _ = await a_room(w.store)

            async def gone(process: str) -> bool:
                raise Unavailable("the database did not commit")

            monkeypatch.setattr(w.store.owners, "beat", gone)
            one = SharedOwners(w.store, w.clock)
            await one.start(w.open)
            joined = await w.join(one, room)
            assert joined.led == [1]
            for _ in range(round(LOST / BEAT) + 3):
                w.clock.advance(BEAT)
                for _ in range(20):
                    await asyncio.sleep(0)
            assert joined.led == [1, None]
            monkeypatch.undo()
            await one.close()

    asyncio.run(go())
    assert "could not beat" in caplog.text


def test_a_room_that_is_joined_amid_a_look_is_not_taken_for_gone(sqlite_url: str) -> None:
    async def go() -> None:
        async with world(sqlite_url) as w:
            first, _, _ = await a_room(w.store)
            second, _, _ = await a_room(w.store)
            one = await w.process()
            await w.join(one, first)
            looked, states = list[Joined](), w.store.owners.states

            async def slow(ids: Sequence[str]) -> dict[str, RoomState]:
                found = await states(ids)
                looked.append(await w.join(one, second))
                return found

            w.store.owners.states = slow  # type: ignore[method-assign]
            await one.tick(w.open)
            assert looked[0].led == [1]
            assert looked[0].notes == []

    asyncio.run(go())
