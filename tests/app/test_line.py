"""What is to be written into one room."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from app.line import LENGTH, Line, Order
from app.store.events import Logged


def ordered(name: str, begun: list[str], gate: asyncio.Event, alone: bool = False) -> Order:
    async def write() -> tuple[Any, Logged | None]:
        begun.append(name)
        await gate.wait()
        return name, None

    return Order(write, lambda value: None, asyncio.get_running_loop().create_future(), alone)


async def steps() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def finished(line: Line) -> str:
    order = await line.next()
    assert order.begun is not None
    order.done.set_result(None)
    return str(order.begun.result()[0])


def running(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(work())  # type: ignore[arg-type]


def test_what_comes_while_another_is_written_is_begun_at_once_and_finished_after_it() -> None:
    async def go() -> None:
        line, begun, first, second = Line(), list[str](), asyncio.Event(), asyncio.Event()
        taking = asyncio.ensure_future(finished(line))
        await steps()
        await line.put(ordered("a", begun, first))
        await line.put(ordered("b", begun, second))
        second.set()
        await steps()
        assert begun == ["a", "b"], "they share a commit"
        assert not taking.done(), "b is not told before a"
        first.set()
        assert [await taking, await finished(line)] == ["a", "b"]
        assert line.idle

    running(go)


def test_nothing_is_begun_until_one_that_is_alone_is_finished() -> None:
    async def go() -> None:
        line, begun, gate = Line(), list[str](), asyncio.Event()
        gate.set()
        for name in "abc":
            await line.put(ordered(name, begun, gate, alone=name == "b"))
        await steps()
        assert begun == [], "nobody takes them yet"
        assert await finished(line) == "a"
        order = await line.next()
        await steps()
        assert begun == ["a", "b"]
        assert not line.idle
        order.done.set_result(None)
        assert await finished(line) == "c"

    running(go)


def test_a_full_line_makes_who_comes_wait() -> None:
    async def go() -> None:
        line, begun, gate = Line(), list[str](), asyncio.Event()
        gate.set()
        for number in range(LENGTH):
            line.put_nowait(ordered(str(number), begun, gate))
        assert line.full()
        late = asyncio.ensure_future(line.put(ordered("late", begun, gate)))
        await steps()
        assert not late.done()
        assert await finished(line) == "0"
        await late
        assert len(line.unfinished()) == LENGTH
        assert line.idle

    running(go)
