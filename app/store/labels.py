"""What people thought of an agent's speaking and of its silence: one label a person and thing, the last one counts."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import NotFound
from app.review import LabelView
from app.store.database import Database
from app.store.tables import agents, labels, messages, runs

THUMBS = {"👍": "good", "👎": "too_much"}


class Labels:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, label: LabelView) -> None:
        """Takes the place of what the same person said of the same thing. Raises NotFound where the room is gone."""

        async def work(connection: AsyncConnection) -> None:
            await put(connection, label)

        try:
            await self._database.write(work, label.room)
        except IntegrityError as error:
            raise NotFound("no such room", "room", label.room) from error

    async def forget(self, user: str) -> None:
        """All that `user` thought."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(labels).where(labels.c.user_id == user))

        await self._database.write(work)

    async def of_room(self, room: str, agent: str | None = None, limit: int = 1_000) -> tuple[LabelView, ...]:
        """The newest `limit`, oldest first. With `agent`: those about it, and those about a silence that was nobody's."""
        query = select(labels).where(labels.c.room_id == room)
        if agent is not None:
            query = query.where((labels.c.agent_id == agent) | labels.c.agent_id.is_(None))
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(labels.c.number.desc()).limit(limit))).all()
        return tuple(
            LabelView(
                room=row.room_id,
                user=row.user_id,
                agent=row.agent_id,
                run=row.run_id,
                seq=row.seq,
                verdict=row.verdict,
                source=row.source,
                at=row.at,
            )
            for row in reversed(rows)
        )


async def of_reaction(
    connection: AsyncConnection, room: str, message: str, user: str, emoji: str, on: bool, at: datetime
) -> None:
    """A person's 👍 or 👎 on an agent's message says what they think of it; taken back, it says nothing."""
    verdict = next((v for thumb, v in THUMBS.items() if emoji.startswith(thumb)), None)
    if verdict is None:
        return
    query = (
        select(messages.c.seq, messages.c.author_id, runs.c.id.label("run"))
        .outerjoin(runs, runs.c.message_id == messages.c.id)
        .where(messages.c.id == message, messages.c.author_kind == "agent")
    )
    row = (await connection.execute(query)).first()
    an_agent = (await connection.execute(select(agents.c.id).where(agents.c.id == user))).first()
    if row is None or an_agent is not None:
        return
    seq = None if row.run else row.seq
    if not on:
        await withdraw(connection, room, user, row.run, seq, "reaction")
        return
    label = {"room": room, "user": user, "agent": row.author_id, "run": row.run, "seq": seq, "verdict": verdict}
    await put(connection, LabelView.model_validate({**label, "source": "reaction", "at": at}))


async def put(connection: AsyncConnection, label: LabelView) -> None:
    await withdraw(connection, label.room, label.user, label.run, label.seq)
    row = {
        "room_id": label.room,
        "user_id": label.user,
        "target": _target(label.run, label.seq),
        "agent_id": label.agent,
        "run_id": label.run,
        "seq": label.seq,
        "verdict": label.verdict,
        "source": label.source,
        "at": label.at,
    }
    await connection.execute(insert(labels).values(row))


async def withdraw(
    connection: AsyncConnection, room: str, user: str, run: str | None, seq: int | None, source: str | None = None
) -> None:
    """With `source`: only what was said there."""
    mine = (labels.c.room_id == room) & (labels.c.user_id == user) & (labels.c.target == _target(run, seq))
    if source is not None:
        mine &= labels.c.source == source
    await connection.execute(delete(labels).where(mine))


def _target(run: str | None, seq: int | None) -> str:
    return f"run:{run}" if run is not None else f"seq:{seq}"
