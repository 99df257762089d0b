"""The thought log."""

import asyncio
from datetime import timedelta

import pytest

from app.errors import BadInput
from app.protocol import TokensView
from app.store.runs import AlreadyDecided
from tests.app.store.opened import NOW, a_room, a_run, opened


def test_a_run_comes_back_whole(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store)
            run = a_run(room, "agent", 1)
            await store.runs.save_run(run)
            assert await store.runs.get_run(run.id) == run
            assert await store.runs.get_run("nothing") is None

    asyncio.run(go())


def test_one_decision_per_room_agent_and_trigger(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store)
            await store.runs.save_run(a_run(room, "agent", 1))
            late = a_run(room, "agent", 1, act="speak")
            with pytest.raises(AlreadyDecided) as refused:
                await store.runs.save_run(late)
            assert refused.value.run == late
            assert await store.runs.get_run(late.id) is None
            for other in (
                a_run(room, "other", 1),
                a_run(room, "agent", 2),
                a_run(room, "agent", 1, kind="pause"),
                a_run(room, "agent", 1, kind="pause", nth=1),
            ):
                await store.runs.save_run(other)

    asyncio.run(go())


def test_finish_says_what_became_of_it(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store)
            run = a_run(room, "agent", 1, act="speak")
            await store.runs.save_run(run)
            finished = await store.runs.finish_run(room, run.id, "said", "m1", None)
            assert finished == run.model_copy(update={"outcome": "said", "message": "m1"})
            assert await store.runs.get_run(run.id) == finished
            with pytest.raises(KeyError):
                await store.runs.finish_run(room, "nothing", "failed", None, "lost")

    asyncio.run(go())


def test_pages_are_newest_first_and_do_not_move(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store)
            runs = [a_run(room, "agent", i, act="speak" if i % 2 else "silent") for i in range(1, 8)]
            for run in runs:
                await store.runs.save_run(run)

            async def seqs(after: str | None = None, before: str | None = None, limit: int = 9) -> list[int]:
                return [r.trigger.seq for r in await store.runs.list_runs(room, after, before, limit=limit)]

            assert await seqs(limit=3) == [7, 6, 5]
            await store.runs.save_run(a_run(room, "agent", 8))
            assert await seqs(before=runs[4].id, limit=3) == [4, 3, 2]
            assert await seqs(after=runs[5].id) == [8, 7]
            assert await seqs(after=runs[1].id, before=runs[4].id) == [4, 3]
            spoken = await store.runs.list_runs(room, decision="speak")
            assert [r.trigger.seq for r in spoken] == [7, 5, 3, 1]
            with pytest.raises(BadInput) as wrong:
                await seqs(before="nothing")
            assert (wrong.value.field, wrong.value.value) == ("before", "'nothing'")

    asyncio.run(go())


def test_a_cursor_of_another_room_is_none_of_ours(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store)
            other, _, _ = await a_room(store)
            run = a_run(other, "agent", 1)
            await store.runs.save_run(run)
            with pytest.raises(BadInput):
                await store.runs.list_runs(room, after=run.id)

    asyncio.run(go())


def test_tokens_are_summed_since_a_time_and_speaking_adds_to_thinking(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store)
            assert await store.runs.tokens_since(room, "agent", NOW) == 0
            early = a_run(room, "agent", 1).model_copy(update={"at": NOW - timedelta(seconds=1)})
            run = a_run(room, "agent", 2, act="speak")
            for one in (early, run, a_run(room, "other", 2)):
                await store.runs.save_run(one)
            assert await store.runs.tokens_since(room, "agent", NOW) == 13
            wrote = TokensView(prompt=0, cached=2, generated=30)
            finished = await store.runs.finish_run(room, run.id, "said", "m1", None, None, wrote)
            assert finished.tokens == TokensView(prompt=10, cached=7, generated=33)
            assert list(finished.spent) == ["articulation"]
            assert await store.runs.tokens_since(room, "agent", NOW) == 43

    asyncio.run(go())


def test_last_run_seq(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store)
            assert await store.runs.last_run_seq(room, "agent") == 0
            await store.runs.save_run(a_run(room, "agent", 9))
            await store.runs.save_run(a_run(room, "agent", 4))
            assert await store.runs.last_run_seq(room, "agent") == 9

    asyncio.run(go())


def test_what_became_of_a_run_is_written_in_its_rooms_place_among_those_of_other_processes(postgres_url: str) -> None:
    """Or each of the two would have locked the room that the other waits for."""

    async def go() -> None:
        async with opened(postgres_url) as here, opened(postgres_url) as there:
            first, last = sorted([await a_room(here), await a_room(here)], key=lambda made: made[0])
            fence = await here.owners.claim(last[0], "here", alone=True)
            for i in range(3):
                run = a_run(last[0], "agent", i, act="speak")
                await here.runs.save_run(run, fence)
                await asyncio.gather(
                    here.runs.finish_run(last[0], run.id, "said", None, None, fence=fence),
                    here.messages.post(first[0], first[2], f"here {i}", "x", None, NOW),
                    there.rooms.rename(first[0], "so that what comes next is done alone"),
                    there.messages.post(first[0], first[2], f"there {i}", "x", None, NOW),
                    there.messages.post(last[0], last[2], f"there {i}", "x", None, NOW),
                )

    asyncio.run(go())
