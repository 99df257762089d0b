"""Agents of a room: who they are, how they may act, and what they were given to remember."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Conflict, NotFound
from app.protocol import AgentChange, AgentView, LearnedView, NewAgent, PolicyView, QuietView
from app.store.database import Database
from app.store.events import Logged, append, presence
from app.store.tables import agents, memories, outbox, rooms, thoughts
from app.store.tokens import new_id
from conversation.member import Member
from memory.item import Memory

AGENTS_LIMIT = 8
"""In one room. Every one of them thinks about every message."""


class Agents:
    def __init__(self, database: Database, served: Callable[[], str]) -> None:
        self._database = database
        self._served = served

    async def add(self, room: str, agent: NewAgent, at: datetime) -> tuple[str, Logged]:
        """Its id, and the event of its joining. Raises Conflict when the room is full of agents."""

        async def work(connection: AsyncConnection) -> tuple[str, Logged]:
            # The lock on the room comes before the count, so that two processes cannot both add the last one.
            await connection.execute(update(rooms).where(rooms.c.id == room).values(head=rooms.c.head))
            count = select(func.count()).where(agents.c.room_id == room)
            if (await connection.execute(count)).scalar_one() >= AGENTS_LIMIT:
                raise Conflict(f"a room holds at most {AGENTS_LIMIT} agents")
            member = await insert_agent(connection, room, agent, at)
            return member.id, await append(connection, room, at, presence(room, member, "joined"))

        return await self._database.write(work, room)

    async def remove(self, room: str, agent: str, at: datetime) -> Logged:
        """With its memories and thoughts; its messages and runs stay. Raises NotFound."""

        async def work(connection: AsyncConnection) -> Logged:
            row = await _require(connection, room, agent)
            await connection.execute(delete(agents).where(agents.c.id == agent))
            await connection.execute(delete(thoughts).where(thoughts.c.agent_id == agent))
            left = select(agents.c.id).where(agents.c.room_id == room)
            if (await connection.execute(left)).first() is None:
                await connection.execute(delete(outbox).where(outbox.c.room_id == room))
            return await append(connection, room, at, presence(room, Member(agent, row.name, "agent"), "left"))

        return await self._database.write(work, room)

    async def change(self, room: str, agent: str, change: AgentChange, at: datetime) -> Logged | None:
        """Sets the fields that `change` was given and counts `policy_version` up. A new name joins again under it, so that
        everybody hears of it. Raises NotFound."""
        given = change.model_fields_set
        columns: dict[str, object] = {
            name: value
            for name, value in (("name", change.name), ("persona", change.persona), ("mode", change.mode))
            if name in given and value is not None
        }
        if "mute_until" in given:
            columns["mute_until"] = change.mute_until
        if change.policy is not None:
            columns["policy"] = change.policy.model_dump_json()

        async def work(connection: AsyncConnection) -> Logged | None:
            row = await _require(connection, room, agent)
            version = agents.c.policy_version + 1
            await connection.execute(
                update(agents).where(agents.c.id == agent).values(policy_version=version, **columns)
            )
            if change.memories is not None:
                await _replace_memories(connection, agent, change.memories)
            if change.name is None or change.name == row.name:
                return None
            return await append(connection, room, at, presence(room, Member(agent, change.name, "agent"), "joined"))

        return await self._database.write(work, room)

    async def hush(self, room: str, agent: str, quiet: QuietView | None) -> None:
        """A member's word in the room; no change of policy. Raises NotFound."""
        value = None if quiet is None else quiet.model_dump_json()

        async def work(connection: AsyncConnection) -> None:
            await _require(connection, room, agent)
            await connection.execute(update(agents).where(agents.c.id == agent).values(quiet=value))

        await self._database.write(work, room)

    async def of_room(self, room: str) -> tuple[AgentView, ...]:
        """In the order in which they came."""
        return (await self.of_rooms([room])).get(room, ())

    async def of_rooms(self, ids: Sequence[str]) -> dict[str, tuple[AgentView, ...]]:
        query = select(agents).where(agents.c.room_id.in_(ids)).order_by(agents.c.at, agents.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
            texts = await _texts(connection, [row.id for row in rows])
        found: dict[str, tuple[AgentView, ...]] = {}
        for row in rows:
            found[row.room_id] = (*found.get(row.room_id, ()), self._view(row, texts.get(row.id, [])))
        return found

    async def memories(self, agent: str) -> tuple[Memory, ...]:
        query = select(memories).where(memories.c.agent_id == agent).order_by(memories.c.position)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(Memory(row.id, row.text, row.accessed_seq, row.weight) for row in rows)

    async def touch(self, ids: Iterable[str], seq: int) -> None:
        """These memories were retrieved at `seq`."""
        chosen = memories.c.id.in_(list(ids))

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(update(memories).where(chosen).values(accessed_seq=seq))

        await self._database.write(work)

    def _view(self, row: Row[Any], texts: list[str]) -> AgentView:
        return AgentView(
            id=row.id,
            room=row.room_id,
            name=row.name,
            persona=row.persona,
            memories=texts,
            model=row.model or self._served(),
            mode=row.mode,
            mute_until=row.mute_until,
            quiet=None if row.quiet is None else QuietView.model_validate_json(row.quiet),
            learned=None if row.learned is None else LearnedView.model_validate_json(row.learned),
            policy=PolicyView.model_validate_json(row.policy),
            policy_version=row.policy_version,
        )


async def insert_agent(connection: AsyncConnection, room: str, agent: NewAgent, at: datetime) -> Member:
    agent_id = new_id()
    await connection.execute(
        insert(agents).values(
            id=agent_id,
            room_id=room,
            name=agent.name,
            persona=agent.persona,
            model=agent.model,
            mode=agent.mode,
            mute_until=None,
            policy=agent.policy.model_dump_json(),
            policy_version=1,
            at=at,
        )
    )
    await _replace_memories(connection, agent_id, agent.memories)
    return Member(agent_id, agent.name, "agent")


async def _require(connection: AsyncConnection, room: str, agent: str) -> Row[Any]:
    query = select(agents).where(agents.c.id == agent, agents.c.room_id == room)
    row = (await connection.execute(query)).first()
    if row is None:
        raise NotFound("no such agent in this room", "agent", agent)
    return row


async def _replace_memories(connection: AsyncConnection, agent: str, texts: Sequence[str]) -> None:
    """A text that was there before keeps its id and its history; the same text twice is one memory."""
    rows = (await connection.execute(select(memories).where(memories.c.agent_id == agent))).all()
    kept = {row.text: row for row in rows}
    wanted = list(dict.fromkeys(texts))
    gone = [row.id for row in rows if row.text not in wanted]
    if gone:
        await connection.execute(delete(memories).where(memories.c.id.in_(gone)))
    for position, text in enumerate(wanted):
        if text in kept:
            await connection.execute(update(memories).where(memories.c.id == kept[text].id).values(position=position))
        else:
            row = {"id": new_id(), "agent_id": agent, "position": position, "text": text}
            await connection.execute(insert(memories).values(accessed_seq=0, weight=1.0, **row))


async def _texts(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, list[str]]:
    query = (
        select(memories.c.agent_id, memories.c.text).where(memories.c.agent_id.in_(ids)).order_by(memories.c.position)
    )
    texts: dict[str, list[str]] = {}
    for row in await connection.execute(query):
        texts.setdefault(row.agent_id, []).append(row.text)
    return texts
