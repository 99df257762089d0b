"""A model in its own process, kept running: nothing that happens to it holds up the service."""

import asyncio
import logging
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from inference import wire
from inference.connection import Connection
from inference.prompt import Prompt
from inference.protocol import (
    Ask,
    Embedder,
    Encodings,
    Judged,
    LanguageModel,
    ModelUnavailableError,
    Proposals,
    Ratings,
    Readings,
    Spent,
    uncounted,
)
from inference.wire import Request

log = logging.getLogger(__name__)

_ROOT = Path(__file__).parent.parent
_LONGEST_WAIT = 30
"""Seconds between two tries at most; the first wait is one second, each after it twice the one before."""
_HEALTHY = 60.0
"""Seconds a process must have served for its end to count as the first of a new row."""
EMBEDDING_DIM = 384
"""Of all-MiniLM-L6-v2, the one embedder there is."""

Sleep = Callable[[float], Awaitable[None]]


class RemoteEngine:
    """Starts `command`, which speaks `inference.wire` on stdin and stdout, and starts it again whenever it ends.

    `timeout`: seconds after which a call fails. Calls made while the process is not ready fail at once.
    """

    def __init__(self, command: Sequence[str], name: str, timeout: float, sleep: Sleep = asyncio.sleep) -> None:
        self.model: LanguageModel = RemoteModel(name, self)
        self.embedder: Embedder = RemoteEmbedder(self)
        self._command = tuple(command)
        self._timeout = timeout
        self._sleep = sleep
        self._status = "not started"
        self._changed = asyncio.Event()
        self._ready: Connection | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()

    async def start(self) -> None:
        if self._supervisor is not None:
            return
        self._say("starting")
        self._supervisor = asyncio.get_running_loop().create_task(self._supervise(), name="model process")
        self._supervisor.add_done_callback(self._supervision_ended)
        await self._tried.wait()

    def status(self) -> str:
        late = None if self._ready is None else self._ready.late
        return late or self._status

    async def next_status(self) -> str:
        """Wait for the status to change; the new one."""
        await self._changed.wait()
        return self._status

    async def close(self) -> None:
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
        self._say("closed")

    def connection(self) -> Connection:
        """The process to ask. Raises ModelUnavailableError until it is ready."""
        if self._ready is None:
            raise ModelUnavailableError(f"the model is not ready: {self._status}")
        return self._ready

    async def _supervise(self) -> None:
        loop = asyncio.get_running_loop()
        wait = 1
        trouble = None
        while True:
            began = loop.time()
            # A model that never loads is being loaded most of the time: what was wrong stays to be seen meanwhile.
            self._say("starting" if trouble is None else f"starting again after: {trouble}")
            trouble = await self._run_once()
            if loop.time() - began >= _HEALTHY:
                wait = 1
            self._say(f"{trouble}; restarting in {wait} s")
            log.warning("%s", self._status)
            await self._sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    async def _run_once(self) -> str:
        """Run the process from start to end. Returns what ended it."""
        try:
            process = await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, stdout=PIPE, cwd=_ROOT)
        except OSError as error:
            return f"the model process does not start: {error}"
        finally:
            self._tried.set()

        def ready() -> None:
            self._ready = connection
            self._say("ok")

        connection = Connection(process, self._timeout, ready)
        try:
            return await connection.run()
        finally:
            self._ready = None
            await _end(process)

    def _say(self, status: str) -> None:
        self._status = status
        self._changed.set()
        self._changed = asyncio.Event()

    def _supervision_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._say(f"the supervision of the model process failed: {error!r}")
            log.error("%s", self._status, exc_info=error)


async def _end(process: Process) -> None:
    """The worker has nothing to save, so it is not asked."""
    if process.returncode is None:
        process.kill()
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


class RemoteModel:
    """LanguageModel in the process of `engine`."""

    def __init__(self, name: str, engine: RemoteEngine) -> None:
        self.name = name
        self._engine = engine

    async def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, *, urgent: bool = False) -> Proposals:
        return wire.proposals(await self._ask("propose", tuple(prompts), urgent, limit=limit, seed=seed))

    async def rate(
        self,
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        *,
        urgent: bool = False,
    ) -> Ratings:
        asked = {"texts": tuple(branches), "questions": tuple(questions), "options": tuple(options)}
        return wire.ratings(await self._ask("rate", (prompt,), urgent, **asked))

    async def judge(self, asks: Sequence[Ask], *, urgent: bool = False) -> Judged:
        return wire.judged(await self._ask("judge", (), urgent, asks=tuple(asks)))

    async def read(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Readings | None:
        return wire.readings(await self._ask("read", (prompt,), urgent, texts=tuple(branches)))

    async def encode(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Encodings | None:
        return wire.encodings(await self._ask("encode", (prompt,), urgent, texts=tuple(branches)))

    async def stream(
        self, prompt: Prompt, limit: int, seed: int, *, urgent: bool = False, spent: Spent = uncounted
    ) -> AsyncGenerator[str]:
        request = Request(0, "stream", urgent, (prompt,), limit=limit, seed=seed)
        async with aclosing(self._engine.connection().stream(request, spent)) as pieces:
            async for piece in pieces:
                yield piece

    async def _ask(self, method: wire.Method, prompts: tuple[Prompt, ...], urgent: bool, **fields: Any) -> Any:
        return await self._engine.connection().ask(Request(0, method, urgent, prompts, **fields))


class RemoteEmbedder:
    """Embedder in the process of `engine`."""

    dim = EMBEDDING_DIM

    def __init__(self, engine: RemoteEngine) -> None:
        self._engine = engine

    async def embed(self, texts: Sequence[str]) -> tuple[Sequence[float], ...]:
        # Always urgent: it is done between passes, and waits for nobody's seconds of sampling.
        request = Request(0, "embed", urgent=True, texts=tuple(texts))
        return wire.vectors(await self._engine.connection().ask(request))
