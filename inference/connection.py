"""One running model process, seen from the service."""

import asyncio
import itertools
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, assert_never

import orjson

from inference.calls import OWNER, Call, now, tell
from inference.protocol import ModelError, ModelUnavailableError, Spent, uncounted
from inference.wire import (
    HEADER,
    Broken,
    Cancel,
    Done,
    Failed,
    FromWorker,
    Piece,
    Ready,
    Request,
    ToWorker,
    body_length,
    from_worker,
    pack,
)

Answer = Piece | Done | Failed

ASKED: Counter[str] = Counter()
"""Calls of this process that a model process has not answered to the end, by method."""


class Connection:
    """Requests out, answers in. `run` must be running for `ask` and `stream` to get anywhere."""

    def __init__(self, process: Process, timeout: float, on_ready: Callable[[], None]) -> None:
        self._process = process
        self._timeout = timeout
        self._on_ready = on_ready
        self._ids = itertools.count(1)
        self._awaited: dict[int, asyncio.Queue[Answer]] = {}
        self._abandoned: set[int] = set()
        self._heard = 0
        self._trouble: str | None = None
        self.late: str | None = None
        """What a call waited for in vain, until the process says something again."""

    async def run(self) -> str:
        """Take in answers until the process ends. Returns what happened, after failing every call in flight with it."""
        trouble = "the model process was stopped"
        try:
            while (frame := await self._next_frame()) is not None:
                self._heard += 1
                self.late = None
                self._take(frame)
            status = await self._process.wait()
            trouble = self._trouble or _ending(status)
        finally:
            # Also when cancelled: nobody may be left waiting for a process that nobody reads.
            for request_id, answers in self._awaited.items():
                answers.put_nowait(Failed(request_id, trouble, unavailable=True))
            self._awaited.clear()
        return trouble

    async def ask(self, request: Request) -> Any:
        """The result of `request`. Raises ModelError; ModelUnavailableError past the deadline or when the process ends."""
        async with aclosing(self._answers(request)) as answers:
            async for answer in answers:
                if isinstance(answer, Done):
                    return answer.result
        raise AssertionError("answers end with Done or an exception")

    async def stream(self, request: Request, spent: Spent = uncounted) -> AsyncGenerator[str]:
        """The pieces of `request`. Closing it cancels the work at once."""
        async with aclosing(self._answers(request)) as answers:
            async for answer in answers:
                if isinstance(answer, Piece):
                    spent(answer.usage)
                    if answer.text:
                        yield answer.text

    async def _answers(self, request: Request) -> AsyncGenerator[Piece | Done]:
        """Every answer to `request`, Done the last. Left early, for whatever reason, the work is cancelled."""
        request = replace(request, id=next(self._ids), owner=OWNER.get())
        answers = self._awaited[request.id] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timeout
        ASKED[request.method] += 1
        asked, begun, failed = now(), None, True
        try:
            self._send(request)
            while True:
                async with asyncio.timeout_at(deadline):
                    answer = await answers.get()
                if isinstance(answer, Done | Failed):
                    begun, failed = answer.begun, isinstance(answer, Failed)
                if isinstance(answer, Failed):
                    raise (ModelUnavailableError if answer.unavailable else ModelError)(answer.detail)
                yield answer
                if isinstance(answer, Done):
                    return
        except TimeoutError as error:
            self.late = f"the model did not answer within {self._timeout:g} s"
            raise ModelUnavailableError(self.late) from error
        finally:
            ASKED[request.method] -= 1
            tell(Call(request.method, asked, begun, now(), failed))
            if request.id in self._awaited:
                self._abandon(request.id)

    def _abandon(self, request_id: int) -> None:
        del self._awaited[request_id]
        self._abandoned.add(request_id)
        self._send(Cancel(request_id))
        asyncio.get_running_loop().call_later(self._timeout, self._check_alive, request_id, self._heard)

    def _check_alive(self, request_id: int, heard: int) -> None:
        """A worker looks at cancellations between passes, so one that has said nothing since then is stuck."""
        if request_id in self._abandoned and self._heard == heard and self._process.returncode is None:
            self._trouble = f"the model process said nothing for {2 * self._timeout:g} s and was ended"
            self._process.kill()

    def _take(self, frame: FromWorker) -> None:
        match frame:
            case Ready():
                self._on_ready()
            case Broken(detail=detail):
                self._trouble = detail
            case Piece():
                if frame.id in self._awaited:
                    self._awaited[frame.id].put_nowait(frame)
            case Done() | Failed():
                self._abandoned.discard(frame.id)
                if (answers := self._awaited.pop(frame.id, None)) is not None:
                    answers.put_nowait(frame)
            case _:
                assert_never(frame)

    def _send(self, frame: ToWorker) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(pack(frame))
        except orjson.JSONEncodeError as error:
            raise ModelError(f"this text cannot be sent to the model: {error}") from error

    async def _next_frame(self) -> FromWorker | None:
        assert self._process.stdout is not None
        try:
            header = await self._process.stdout.readexactly(HEADER)
            return from_worker(await self._process.stdout.readexactly(body_length(header)))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None


def _ending(status: int) -> str:
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    return f"the model process ended with {how}"
