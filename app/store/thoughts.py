"""The reservoir: every thought in its last state, whole."""

from array import array
from collections.abc import Sequence
from dataclasses import replace

from pydantic import TypeAdapter
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import NotFound
from app.store.database import Database
from app.store.forgetting import deleted, forgotten, stimuli
from app.store.owners import hold
from app.store.tables import thoughts
from conversation.thought import Thought, ThoughtState

_THOUGHT = TypeAdapter(Thought)


class Thoughts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save_thoughts(self, room: str, changed: Sequence[Thought], fence: int | None = None) -> None:
        """Each replaces what was stored under its id, without its words where what set it off was deleted meanwhile. Raises
        NotFound where the room is gone, and Fenced."""
        latest = {thought.id: thought for thought in changed}
        if not latest:
            return

        async def work(connection: AsyncConnection) -> None:
            await hold(connection, room, fence)
            await connection.execute(
                delete(thoughts).where(thoughts.c.id.in_(list(latest)), thoughts.c.room_id == room)
            )
            gone = await deleted(connection, stimuli(changed))
            kept = (t if gone.isdisjoint(t.stimuli) else forgotten(t) for t in latest.values())
            await connection.execute(insert(thoughts), [_row(room, thought) for thought in kept])

        try:
            await self._database.write(work, room)
        except IntegrityError as error:
            raise NotFound("no such room", "room", room) from error

    async def get(self, room: str, thought: str) -> Thought | None:
        query = select(thoughts.c.body).where(thoughts.c.room_id == room, thoughts.c.id == thought)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return _thought(row.body) if row else None

    async def held(self, room: str, agent: str) -> tuple[Thought, ...]:
        """Oldest first."""
        return await self._select(room, "held", agent)

    async def list_thoughts(self, room: str, state: ThoughtState | None = None) -> tuple[Thought, ...]:
        """Of all agents, oldest first."""
        return await self._select(room, state, None)

    async def _select(self, room: str, state: ThoughtState | None, agent: str | None) -> tuple[Thought, ...]:
        query = select(thoughts.c.body).where(thoughts.c.room_id == room).order_by(thoughts.c.formed_seq, thoughts.c.id)
        if state is not None:
            query = query.where(thoughts.c.state == state)
        if agent is not None:
            query = query.where(thoughts.c.agent_id == agent)
        async with self._database.read() as connection:
            return tuple(_thought(row.body) for row in await connection.execute(query))


def _thought(body: str) -> Thought:
    thought = _THOUGHT.validate_json(body)
    return replace(thought, embedding=array("f", thought.embedding))


def _row(room: str, thought: Thought) -> dict[str, object]:
    return {
        "id": thought.id,
        "room_id": room,
        "agent_id": thought.agent,
        "state": thought.state,
        "formed_seq": thought.formed_seq,
        "body": _THOUGHT.dump_json(replace(thought, embedding=list(thought.embedding))).decode(),
    }
