import asyncio
import logging
import signal

import pytest

from app.tasks import Tasks


def test_a_failure_is_logged_with_the_name_of_the_task(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("broken")

    async def go() -> None:
        tasks = Tasks()
        task = tasks.start(fail(), "a doomed task")
        await asyncio.wait([task])
        await tasks.close()

    with caplog.at_level(logging.ERROR):
        asyncio.run(go())
    (record,) = caplog.records
    assert "a doomed task" in record.getMessage()
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ValueError)


def test_closing_cancels_and_waits_and_says_nothing_of_it(caplog: pytest.LogCaptureFixture) -> None:
    ended: list[str] = []

    async def wait(started: asyncio.Event) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("in order")

    async def go() -> None:
        tasks, started = Tasks(), asyncio.Event()
        tasks.start(wait(started), "waits")
        await started.wait()
        await tasks.close()
        assert ended == ["in order"]

    asyncio.run(go())
    assert caplog.records == []


def test_what_a_task_left_behind_is_forgotten() -> None:
    async def nothing() -> None:
        pass

    async def go() -> None:
        tasks = Tasks()
        await tasks.start(nothing(), "nothing")
        await asyncio.sleep(0)
        assert not tasks._running

    asyncio.run(go())


def test_without_a_vital_task_the_process_is_told_to_stop(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("broken")

    async def go() -> None:
        tasks, told = Tasks(), asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
        waiting = tasks.start(asyncio.Event().wait(), "waits", vital=True)  # type: ignore[arg-type]
        waiting.cancel()
        await asyncio.wait([waiting])
        await asyncio.sleep(0)
        assert not told.is_set(), "to be cancelled is no failure"
        tasks.start(fail(), "a vital task", vital=True)
        async with asyncio.timeout(20):
            await told.wait()

    with caplog.at_level(logging.CRITICAL):
        asyncio.run(go())
    assert "it cannot do without task a vital task" in caplog.text
