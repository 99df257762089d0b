"""What agents learned from verdicts: every version, and which is in force."""

from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Conflict, NotFound
from app.protocol import LearnedView
from app.store.database import Database
from app.store.tables import agents, refits


class Refits:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, room: str, agent: str, offset: float, labels: int, by: str, at: datetime) -> LearnedView:
        """Puts a new version in force and counts the policy's version up. Raises NotFound."""

        async def work(connection: AsyncConnection) -> LearnedView:
            now = await _in_force(connection, room, agent)
            count = select(func.coalesce(func.max(refits.c.version), 0)).where(refits.c.agent_id == agent)
            version = int((await connection.execute(count)).scalar_one()) + 1
            before = None if now is None else now.version
            new = LearnedView(version=version, offset=offset, labels=labels, at=at, by=by, before=before)
            row = {"agent_id": agent, "version": version, "body": new.model_dump_json()}
            await connection.execute(insert(refits).values(row))
            await _put(connection, agent, new)
            return new

        return await self._database.write(work, room)

    async def undo(self, room: str, agent: str) -> LearnedView | None:
        """Goes back to what was in force before; None: to nothing learned. Raises NotFound, and Conflict where nothing is
        in force."""

        async def work(connection: AsyncConnection) -> LearnedView | None:
            now = await _in_force(connection, room, agent)
            if now is None:
                raise Conflict("nothing that was learned is in force", "agent", agent)
            query = select(refits.c.body).where(refits.c.agent_id == agent, refits.c.version == (now.before or 0))
            body = (await connection.execute(query)).scalar_one_or_none()
            back = None if body is None else LearnedView.model_validate_json(body)
            await _put(connection, agent, back)
            return back

        return await self._database.write(work, room)

    async def versions(self, agent: str) -> tuple[LearnedView, ...]:
        """Newest first."""
        query = select(refits.c.body).where(refits.c.agent_id == agent).order_by(refits.c.version.desc())
        async with self._database.read() as connection:
            return tuple(LearnedView.model_validate_json(row.body) for row in await connection.execute(query))


async def _in_force(connection: AsyncConnection, room: str, agent: str) -> LearnedView | None:
    # The lock on the agent makes two owners who learn at once wait for each other.
    mine = (agents.c.id == agent) & (agents.c.room_id == room)
    touched = await connection.execute(
        update(agents).where(mine).values(policy_version=agents.c.policy_version).returning(agents.c.learned)
    )
    row = touched.first()
    if row is None:
        raise NotFound("no such agent in this room", "agent", agent)
    return None if row.learned is None else LearnedView.model_validate_json(row.learned)


async def _put(connection: AsyncConnection, agent: str, learned: LearnedView | None) -> None:
    body = None if learned is None else learned.model_dump_json()
    values = {"learned": body, "policy_version": agents.c.policy_version + 1}
    await connection.execute(update(agents).where(agents.c.id == agent).values(values))
