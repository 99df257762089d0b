"""The one writer: the pending writes of all rooms share a transaction, so that a burst pays for one flush to disk."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.errors import Unavailable

T = TypeVar("T")
Item = TypeVar("Item")
Work = Callable[[AsyncConnection], Awaitable[T]]
Together = Callable[[AsyncConnection, Sequence[Item]], Awaitable[Sequence[T | Exception]]]
"""Does for many what it does for one, in fewer statements: what came of each, in their order."""

GROUP = 128
"""Writes in one transaction at most: the first of them waits for the last."""
WAITING = 10_000
"""Writes that may wait for a commit: several seconds of what a service can do, while whoever writes gives up or writes again."""
APART = 0.003
"""Seconds from the beginning of a commit to that of the next, where many write: what is the same for each commit, however many
share it, is a third of what a message costs at a thousand a second. Who writes alone does not wait."""


@dataclass(frozen=True, slots=True)
class _Write:
    """`together` with its `item` in place of `work`."""

    work: Work[Any] | None
    key: str
    done: asyncio.Future[Any]
    together: Together[Any, Any] | None = None
    item: Any = None


class Committer:
    """`run` is the owner task. `write` returns what `work` returned, after COMMIT; what `work` raised undoes `work` alone. Both
    kinds of writes raise Unavailable where the database did not commit, and at once where WAITING others wait already.

    `key` names the row that `work` locks (the room): writes of a group go in the order of their keys, so that two
    processes on one PostgreSQL never wait for each other in a ring. Writes with one key keep their order. What is the same
    for many rooms is done for all of them at once (`write_together`): the more wait, the less each costs.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._pending: asyncio.Queue[_Write | None] = asyncio.Queue()
        self._closed = False

    def __len__(self) -> int:
        """Writes that wait for a commit."""
        return self._pending.qsize()

    async def write(self, work: Work[T], key: str = "") -> T:
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(_Write(work, key, done))
        return await done

    async def write_together(self, work: Together[Item, T], item: Item, key: str) -> T:
        """Like `write`, for what many want at once: `work` gets the items of all who wait, in the order of their keys. Where it
        raises, each is tried alone."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(_Write(None, key, done, work, item))
        return await done

    def _put(self, write: _Write) -> None:
        if self._closed:
            raise Unavailable("the service is stopping")
        if len(self) >= WAITING:
            raise Unavailable("too many writes wait for the database; try again in a few seconds")
        self._pending.put_nowait(write)

    def close(self) -> None:
        """No more writes; `run` ends when those pending are committed."""
        self._closed = True
        self._pending.put_nowait(None)

    async def run(self) -> None:
        clock = asyncio.get_running_loop().time
        began = clock() - APART
        while (first := await self._pending.get()) is not None:
            if (early := began + APART - clock()) > 0 and not self._closed:
                await asyncio.sleep(early)
            began = clock()
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
        parts = list(_parts(group))
        try:
            outcomes = await self._alone(parts[0]) if len(parts) == 1 else await self._all(parts)
        except (SQLAlchemyError, OSError) as error:
            for write in group:
                if not write.done.done():
                    write.done.set_exception(Unavailable(f"the database did not commit: {type(error).__name__}"))
            return
        for write, outcome in outcomes:
            if write.done.done():
                continue
            if isinstance(outcome, BaseException):
                write.done.set_exception(_told(outcome))
            else:
                write.done.set_result(outcome)

    async def _alone(self, part: list[_Write]) -> list[tuple[_Write, Any]]:
        """A group of one part is undone with its transaction: it needs no savepoint."""
        async with self._engine.connect() as connection:
            transaction = await connection.begin()
            task = await _done(connection, part)
            if (failure := task.exception()) is None:
                await transaction.commit()
                return _outcomes(part, task)
            await transaction.rollback()
        return [(part[0], failure)] if len(part) == 1 else await self._all([[write] for write in part])

    async def _all(self, parts: list[list[_Write]]) -> list[tuple[_Write, Any]]:
        async with self._engine.begin() as connection:
            return [outcome for part in parts for outcome in await self._attempt(connection, part)]

    async def _attempt(self, connection: AsyncConnection, part: list[_Write]) -> list[tuple[_Write, Any]]:
        """What came of each: a value, or what it raised."""
        savepoint = await connection.begin_nested()
        task = await _done(connection, part)
        if (failure := task.exception()) is None:
            await savepoint.commit()
            return _outcomes(part, task)
        await savepoint.rollback()
        if len(part) == 1:
            return [(part[0], failure)]
        return [outcome for write in part for outcome in await self._attempt(connection, [write])]


async def _done(connection: AsyncConnection, part: list[_Write]) -> "asyncio.Future[Any]":
    """What is done for `part`, once it is over. A task of its own: what it raises is its caller's, and is seen there."""
    first = part[0]
    if first.together is None:
        assert first.work is not None
        task = asyncio.ensure_future(first.work(connection))
    else:
        task = asyncio.ensure_future(first.together(connection, [write.item for write in part]))
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        task.cancel()  # or it would go on in a transaction that is over
        await asyncio.wait([task])
        raise
    return task


def away(error: DBAPIError) -> bool:
    """Whether it is the database's state and not what it was asked. A PostgreSQL that starts up or goes down says so in errors
    that have no kind of their own in the binding, and come as the base of them all; a connection that dies while it is asked
    leaves the binding with errors of its inside."""
    return isinstance(error, OperationalError | InterfaceError | InternalError) or type(error) is DBAPIError


def _told(failure: BaseException) -> BaseException:
    """A database that went away in the middle of a write is away, whatever the driver calls that."""
    if isinstance(failure, OSError) or (isinstance(failure, DBAPIError) and away(failure)):
        told = Unavailable(f"the database did not answer: {type(failure).__name__}")
        told.__cause__ = failure
        return told
    return failure


def _outcomes(part: list[_Write], task: "asyncio.Future[Any]") -> list[tuple[_Write, Any]]:
    results = [task.result()] if part[0].together is None else task.result()
    return list(zip(part, results, strict=True))


def _parts(group: Sequence[_Write]) -> Iterator[list[_Write]]:
    """`group`, in the order of its keys, cut into what is done together and what is done alone. A key of which anything is to
    be done alone keeps its order: nothing of it is done with others'."""
    shared: list[_Write] = []
    for _, writes in groupby(group, key=lambda write: write.key):
        mine = list(writes)
        together = mine[0].together
        if together is None or any(write.together is not together for write in mine):
            if shared:
                yield shared
                shared = []
            for write in mine:
                yield [write]
        else:
            if shared and shared[0].together is not together:
                yield shared
                shared = []
            shared += mine
    if shared:
        yield shared
