"""What `test_remote` shows with a real process, here frame by frame."""

import asyncio
from typing import Any

import pytest

from inference.calls import OWNER, WATCHERS, Call, now
from inference.connection import ASKED, Connection
from inference.protocol import ModelUnavailableError, Usage
from inference.wire import Cancel, Done, Failed, FromWorker, Piece, Ready, Request, ToWorker, pack, to_worker


class Pipe:
    """The worker's stdin."""

    def __init__(self) -> None:
        self.written: list[ToWorker] = []

    def write(self, data: bytes) -> None:
        self.written.append(to_worker(data[4:]))


class Process:
    """A process made of two ends of pipes; `ends` closes its stdout with an exit status."""

    def __init__(self) -> None:
        self.stdin = Pipe()
        self.stdout = asyncio.StreamReader()
        self.returncode: int | None = None

    def says(self, frame: FromWorker) -> None:
        self.stdout.feed_data(pack(frame))

    def ends(self, status: int) -> None:
        self.returncode = status
        self.stdout.feed_eof()

    def kill(self) -> None:
        self.ends(-9)

    async def wait(self) -> int:
        assert self.returncode is not None
        return self.returncode


EMBED = Request(0, "embed", texts=("a",))


def opened(process: Any, seconds: float = 60, on_ready: Any = lambda: None) -> Connection:
    return Connection(process, seconds, on_ready)


def test_answers_find_their_requests_in_any_order() -> None:
    async def story() -> None:
        process = Process()
        ready: list[bool] = []
        connection = opened(process, on_ready=lambda: ready.append(True))
        async with asyncio.TaskGroup() as group:
            run = group.create_task(connection.run())
            one, other = group.create_task(connection.ask(EMBED)), group.create_task(connection.ask(EMBED))
            process.says(Ready())
            await asyncio.sleep(0)
            first, second = (frame.id for frame in process.stdin.written)
            process.says(Done(second, "second"))
            process.says(Done(first, "first"))
            assert (await one, await other) == ("first", "second")
            process.ends(3)
            assert await run == "the model process ended with exit status 3"
        assert ready == [True]

    asyncio.run(story())


def test_a_request_says_for_whom_it_is() -> None:
    async def story() -> None:
        process = Process()
        connection = opened(process)

        async def ask(owner: str) -> None:
            OWNER.set(owner)
            await connection.ask(EMBED)

        asking = asyncio.gather(ask("den"), ask("attic"), connection.ask(EMBED))
        run = asyncio.ensure_future(connection.run())
        await asyncio.sleep(0)
        asked = [frame for frame in process.stdin.written if isinstance(frame, Request)]
        for frame in asked:
            process.says(Done(frame.id, None))
        await asking
        process.ends(0)
        await run
        assert [frame.owner for frame in asked] == ["den", "attic", ""]

    asyncio.run(story())


def test_open_calls_are_counted_by_kind_until_they_are_answered_given_up_or_lost() -> None:
    async def story() -> None:
        process = Process()
        connection = opened(process)
        before = ASKED["embed"], ASKED["rate"]

        def more() -> tuple[int, int]:
            return ASKED["embed"] - before[0], ASKED["rate"] - before[1]

        run = asyncio.create_task(connection.run())
        answered, given_up = (asyncio.create_task(connection.ask(EMBED)) for _ in range(2))
        lost = asyncio.create_task(connection.ask(Request(0, "rate")))
        await asyncio.sleep(0)
        assert more() == (2, 1)
        process.says(Done(1, "one"))
        await answered
        assert more() == (1, 1)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        assert more() == (0, 1)
        process.ends(3)
        await asyncio.gather(run, lost, return_exceptions=True)
        assert more() == (0, 0)

    asyncio.run(story())


def test_whoever_watches_is_told_how_long_a_call_waited_and_how_it_ended() -> None:
    told: list[Call] = []
    WATCHERS.append(told.append)

    async def story() -> None:
        process = Process()
        connection = opened(process)
        run = asyncio.create_task(connection.run())
        began = now()
        answered, lost = asyncio.create_task(connection.ask(EMBED)), asyncio.create_task(connection.ask(EMBED))
        await asyncio.sleep(0)
        process.says(Done(1, "one", begun=began + 0.001))
        await answered
        process.ends(3)
        await asyncio.gather(run, lost, return_exceptions=True)
        first, second = told
        assert (first.method, first.begun, first.failed) == ("embed", began + 0.001, False)
        assert began <= first.asked <= first.over
        assert (second.begun, second.failed) == (None, True)

    try:
        asyncio.run(story())
    finally:
        WATCHERS.remove(told.append)


def test_every_call_in_flight_is_told_of_the_end() -> None:
    async def story() -> None:
        process = Process()
        connection = opened(process)
        calls = asyncio.gather(connection.ask(EMBED), connection.ask(EMBED), return_exceptions=True)
        run = asyncio.create_task(connection.run())
        await asyncio.sleep(0)
        process.ends(-11)
        assert await run == "the model process ended with signal 11"
        assert [str(error) for error in await calls] == ["the model process ended with signal 11"] * 2

    asyncio.run(story())


def test_a_cancelled_reader_leaves_nobody_waiting() -> None:
    async def story() -> None:
        process = Process()
        connection = opened(process)
        call = asyncio.create_task(connection.ask(EMBED))
        run = asyncio.create_task(connection.run())
        await asyncio.sleep(0)
        run.cancel()
        with pytest.raises(ModelUnavailableError, match="was stopped"):
            await call

    asyncio.run(story())


def test_a_caller_who_leaves_cancels_the_work_and_late_answers_go_nowhere() -> None:
    async def story() -> None:
        process = Process()
        connection = opened(process)
        run = asyncio.create_task(connection.run())
        pieces = connection.stream(Request(0, "stream"))
        first = asyncio.ensure_future(anext(pieces))
        await asyncio.sleep(0)
        (request,) = process.stdin.written
        process.says(Piece(request.id, "a"))
        assert await first == "a"
        await pieces.aclose()
        assert process.stdin.written[1:] == [Cancel(request.id)]
        process.says(Piece(request.id, "b"))
        process.says(Failed(request.id, "cancelled", unavailable=True))
        process.ends(0)
        await run

    asyncio.run(story())


def test_what_a_stream_took_is_told_with_its_pieces_and_at_its_end() -> None:
    async def story() -> None:
        process, took = Process(), list[Usage]()
        connection = opened(process)
        run = asyncio.create_task(connection.run())
        pieces = connection.stream(Request(0, "stream"), took.append)
        first = asyncio.ensure_future(anext(pieces))
        await asyncio.sleep(0)
        (request,) = process.stdin.written
        process.says(Piece(request.id, "a", Usage(7, 5, 1)))
        assert await first == "a"
        assert took == [Usage(7, 5, 1)]
        process.says(Piece(request.id, "", Usage(generated=2)))
        process.says(Done(request.id, None))
        assert [piece async for piece in pieces] == []
        assert took == [Usage(7, 5, 1), Usage(generated=2)]
        process.ends(0)
        await run

    asyncio.run(story())


def test_a_stuck_process_is_ended_after_a_second_deadline() -> None:
    async def story() -> None:
        process = Process()
        connection = opened(process, 0.01)
        run = asyncio.create_task(connection.run())
        with pytest.raises(ModelUnavailableError, match=r"within 0\.01 s"):
            await connection.ask(EMBED)
        assert await run == "the model process said nothing for 0.02 s and was ended"

    asyncio.run(story())


def test_a_busy_process_is_left_alone() -> None:
    async def story() -> None:
        process = Process()
        connection = opened(process, 0.01)
        run = asyncio.create_task(connection.run())
        with pytest.raises(ModelUnavailableError):
            await connection.ask(EMBED)
        process.says(Failed(1, "cancelled", unavailable=True))
        with pytest.raises(ModelUnavailableError):
            await connection.ask(EMBED)
        assert process.returncode is None
        process.ends(0)
        await run

    asyncio.run(story())
