"""Who thinks in a room: processes that say they live, and rooms that each belong to one of them under a fencing number.

No clock is compared with another: whether a process lives is seen by those who watch its `beat` grow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import CursorResult, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import NotFound
from app.store.database import Database
from app.store.tables import agents, processes, rooms


class Fenced(Exception):
    """The room has been taken over since: what its former owner still wants to write comes too late."""

    def __init__(self, room: str, fence: int) -> None:
        super().__init__(f"room {room!r} is not owned under fence {fence} any more")
        self.room = room
        self.fence = fence


@dataclass(frozen=True, slots=True)
class RoomState:
    """What other processes may have changed. `agents` grows with every change of an agent's settings; `quiet`: what
    agents were told of being quiet."""

    id: str
    head: int
    name: str
    owner: str | None
    fence: int
    agents: int
    quiet: str


class Owners:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def register(self, process: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(processes).values(id=process, beat=0))

        await self._database.write(work)

    async def beat(self, process: str) -> bool:
        """False where the process was buried: its rooms may be others' by now."""

        async def work(connection: AsyncConnection) -> bool:
            mine = update(processes).where(processes.c.id == process).values(beat=processes.c.beat + 1)
            return _changed(await connection.execute(mine))

        return await self._database.write(work)

    async def beats(self) -> dict[str, int]:
        async with self._database.look() as connection:
            return {row.id: row.beat for row in await connection.execute(select(processes))}

    async def bury(self, process: str, beat: int) -> None:
        """Declares dead a process whose beat stays at `beat`; one that has moved on is left alone."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(processes).where(processes.c.id == process, processes.c.beat == beat))

        await self._database.write(work)

    async def resign(self, process: str) -> None:
        """Its rooms are free at once."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(processes).where(processes.c.id == process))

        await self._database.write(work)

    async def claim(self, room: str, process: str, alone: bool = False) -> int | None:
        """The new fencing number; None while another living process owns the room. `alone`: there is no other process."""
        living = select(processes.c.id)
        free = or_(rooms.c.owner.is_(None), rooms.c.owner == process, rooms.c.owner.not_in(living))
        mine = update(rooms).where(rooms.c.id == room).values(owner=process, fence=rooms.c.fence + 1)

        async def work(connection: AsyncConnection) -> int | None:
            query = (mine if alone else mine.where(free)).returning(rooms.c.fence)
            fence: int | None = (await connection.execute(query)).scalar_one_or_none()
            return fence

        return await self._database.write(work, room)

    async def release(self, room: str, process: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            mine = (rooms.c.id == room) & (rooms.c.owner == process)
            await connection.execute(update(rooms).where(mine).values(owner=None))

        await self._database.write(work, room)

    async def states(self, ids: Sequence[str]) -> dict[str, RoomState]:
        """Rooms that were deleted are not among them."""
        settings = func.coalesce(func.sum(agents.c.policy_version), 0).label("agents")
        quiet = func.coalesce(func.aggregate_strings(agents.c.quiet, ""), "").label("quiet")
        query = (
            select(rooms.c.id, rooms.c.head, rooms.c.name, rooms.c.owner, rooms.c.fence, settings, quiet)
            .outerjoin(agents, agents.c.room_id == rooms.c.id)
            .where(rooms.c.id.in_(ids))
            .group_by(rooms.c.id, rooms.c.head, rooms.c.name, rooms.c.owner, rooms.c.fence)
        )
        async with self._database.look() as connection:
            rows = await connection.execute(query)
            return {r.id: RoomState(r.id, r.head, r.name, r.owner, r.fence, int(r.agents), r.quiet) for r in rows}


async def hold(connection: AsyncConnection, room: str, fence: int | None) -> None:
    """Keeps the room from being taken over until this transaction ends. None: whoever writes is no owner and needs to be none.
    Raises Fenced, and NotFound where the room is gone."""
    if fence is None:
        return
    mine = update(rooms).where(rooms.c.id == room, rooms.c.fence == fence).values(fence=fence)
    if _changed(await connection.execute(mine)):
        return
    there = (await connection.execute(select(rooms.c.id).where(rooms.c.id == room))).first()
    raise NotFound("no such room", "room", room) if there is None else Fenced(room, fence)


def _changed(result: CursorResult[object]) -> bool:
    return result.rowcount > 0
