"""The one writer: the pending writes of all rooms share a transaction, so that a burst pays for one flush to disk."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.errors import Unavailable

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]

GROUP = 128
"""Writes in one transaction at most: the first of them waits for the last."""


@dataclass(frozen=True, slots=True)
class _Write:
    work: Work[Any]
    key: str
    done: asyncio.Future[Any]


class Committer:
    """`run` is the owner task. `write` returns what `work` returned, after COMMIT; what `work` raised undoes `work` alone.

    `key` names the row that `work` locks (the room): writes of a group go in the order of their keys, so that two
    processes on one PostgreSQL never wait for each other in a ring. Writes with one key keep their order.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._pending: asyncio.Queue[_Write | None] = asyncio.Queue()
        self._closed = False

    async def write(self, work: Work[T], key: str = "") -> T:
        if self._closed:
            raise Unavailable("the service is stopping")
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._pending.put_nowait(_Write(work, key, done))
        return await done

    def close(self) -> None:
        """No more writes; `run` ends when those pending are committed."""
        self._closed = True
        self._pending.put_nowait(None)

    async def run(self) -> None:
        while (first := await self._pending.get()) is not None:
            group = [first]
            last = False
            while len(group) < GROUP and not self._pending.empty() and not last:
                write = self._pending.get_nowait()
                if write is None:
                    last = True
                else:
                    group.append(write)
            await self._commit(sorted(group, key=lambda w: w.key))
            if last:
                return

    async def _commit(self, group: list[_Write]) -> None:
        try:
            async with self._engine.begin() as connection:
                results = [(write, await self._attempt(connection, write)) for write in group]
        except (SQLAlchemyError, OSError) as error:
            for write in group:
                if not write.done.done():
                    write.done.set_exception(Unavailable(f"the database did not commit: {type(error).__name__}"))
            return
        for write, task in results:
            if write.done.done():
                continue
            if (failure := task.exception()) is not None:
                write.done.set_exception(failure)
            else:
                write.done.set_result(task.result())

    @staticmethod
    async def _attempt(connection: AsyncConnection, write: _Write) -> asyncio.Task[Any]:
        """A task of its own: whatever it raises is its caller's, and is seen there."""
        savepoint = await connection.begin_nested()
        task = asyncio.ensure_future(write.work(connection))
        assert isinstance(task, asyncio.Task)
        await asyncio.wait([task])
        if task.exception() is None:
            await savepoint.commit()
        else:
            await savepoint.rollback()
        return task
