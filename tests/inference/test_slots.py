"""A bound, an order, and nothing lost when somebody stops waiting."""

import asyncio

import pytest

from inference.slots import Slots


async def turns(n: int = 3) -> None:
    for _ in range(n):
        await asyncio.sleep(0)


def test_urgent_ones_come_first_and_no_more_than_there_are_slots() -> None:
    async def go() -> None:
        slots, inside, entered = Slots(2), set[str](), list[str]()
        leave = {name: asyncio.Event() for name in "abcdef"}

        async def run(name: str, urgent: bool) -> None:
            async with slots.place(urgent):
                entered.append(name)
                inside.add(name)
                assert len(inside) <= 2
                await leave[name].wait()
                inside.remove(name)

        tasks = [asyncio.ensure_future(run(name, name in "ef")) for name in "abcdef"]
        await turns()
        assert (entered, slots.waiting) == (["a", "b"], 4)
        for name in "baefcd":
            leave[name].set()
            await turns()
        await asyncio.gather(*tasks)
        assert entered == ["a", "b", "e", "f", "c", "d"]
        assert slots.waiting == 0

    asyncio.run(go())


def test_who_stops_waiting_gives_the_slot_on() -> None:
    async def go() -> None:
        slots = Slots(1)
        entered: list[str] = []

        async def run(name: str) -> None:
            async with slots.place(False):
                entered.append(name)

        async with slots.place(False):
            first, second, third = (asyncio.ensure_future(run(name)) for name in ("first", "second", "third"))
            await turns()
            first.cancel()
            await turns()
            assert slots.waiting == 2
        second.cancel()  # it was given the slot in this turn of the loop
        await asyncio.wait([first, second, third])
        assert entered == ["third"]
        async with asyncio.timeout(1), slots.place(False):
            pass

    asyncio.run(go())


def test_nothing_is_kept_of_who_gave_up_while_no_slot_is_given_back() -> None:
    async def go() -> None:
        slots = Slots(1)
        entered: list[str] = []

        async def run(name: str) -> None:
            async with slots.place(False):
                entered.append(name)

        async with slots.place(False):
            patient = [asyncio.ensure_future(run(name)) for name in ("first", "second")]
            for _ in range(20):
                gives_up = asyncio.ensure_future(run("never"))
                await turns()
                gives_up.cancel()
                await turns()
            assert len(slots._waiting) == 2
        await asyncio.wait(patient)
        assert entered == ["first", "second"]

    asyncio.run(go())


def test_work_that_breaks_gives_its_slot_back() -> None:
    async def go() -> None:
        slots = Slots(1)
        with pytest.raises(RuntimeError):
            async with slots.place(True):
                raise RuntimeError
        async with asyncio.timeout(1), slots.place(False):
            pass

    asyncio.run(go())
