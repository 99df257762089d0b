"""Background tasks whose failures are seen."""

import asyncio
import logging
import signal
from collections.abc import Coroutine

log = logging.getLogger(__name__)


class Tasks:
    """Keeps a reference to each task until it ends and logs what it raised. `close` cancels and awaits them all."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[None, None, None], name: str, vital: bool = False) -> asyncio.Task[None]:
        """`vital`: without it the service would only look alive. When it fails the process is told to stop, which it does in
        order, and whoever supervises it starts it again."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        if vital:
            task.add_done_callback(_stop_without)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task %s failed", task.get_name(), exc_info=error)

    async def close(self) -> None:
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _stop_without(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.critical("the service stops: it cannot do without task %s", task.get_name())
        signal.raise_signal(signal.SIGTERM)
