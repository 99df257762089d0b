"""Rooms that go out as they are, and rooms that come in from a file, all at once or not at all."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.frames import EditedEvent, MessageEvent, ReactionEvent
from app.protocol import NewAgent
from app.store.agents import insert_agent
from app.store.database import Database
from app.store.events import PAGE
from app.store.tables import events, members, messages, reactions, rooms, runs, users
from app.store.tokens import new_id
from app.transfer import Lasting, Whole, hashed, people, renamed

PREFIX = "imported-"
"""Of the ids of people who are known from a file only."""


class Transfers:
    def __init__(self, database: Database) -> None:
        self._database = database

    def events(self, room: str) -> AsyncIterator[str]:
        """Bodies of the whole log, oldest first, a page at a time."""
        return self._bodies(events.c.seq, events.c.body, events.c.room_id == room)

    def runs(self, room: str) -> AsyncIterator[str]:
        """Bodies of every run, oldest first, a page at a time."""
        return self._bodies(runs.c.number, runs.c.body, runs.c.room_id == room)

    async def _bodies(self, place: Column[int], body: Column[str], within: ColumnElement[bool]) -> AsyncIterator[str]:
        after = 0
        while True:
            query = select(place, body).where(within, place > after).order_by(place).limit(PAGE)
            async with self._database.read() as connection:
                page = (await connection.execute(query)).all()
            if not page:
                return
            for _, text in page:
                yield text
            after = page[-1][0]

    async def take_in(self, whole: Whole, owner: str, name: str, at: datetime) -> str:
        """The id of the new room, which `owner` (called `name`) owns. Nobody else of the file is a member, but its agents."""
        room = new_id()

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(rooms).values(id=room, name=whole.room.name, head=len(whole.events), at=at))
            await connection.execute(insert(members).values(room_id=room, user_id=owner, role="owner", at=at))
            names = await _names(connection, whole, room, owner, at)
            frames = [renamed(event, names) for event in whole.events]
            await _events(connection, room, frames, at)
            await _messages(connection, room, frames)
            await _runs(connection, room, whole, names)

        await self._database.write(work, room)
        return room


async def _names(connection: AsyncConnection, whole: Whole, room: str, owner: str, at: datetime) -> dict[str, str]:
    """Old id → new id, of the room, its agents, everybody in it, its messages and runs. Makes the agents and the people."""
    names: dict[str, str] = {owner: owner}
    for agent in whole.room.agents:
        new = NewAgent.model_validate(agent.model_dump(exclude={"id"}) | {"model": None})
        names[agent.id] = (await insert_agent(connection, room, new, at)).id
    strangers = {}
    for person in people(whole):
        if person.id not in names:
            names[person.id] = f"{PREFIX}{hashed(room, person.id)}"
            strangers[person.id] = {"id": names[person.id], "name": person.name[:64], "at": at}
    await _insert(connection, users, list(strangers.values()))
    for event in whole.events:
        names.setdefault(event.room, room)
        if isinstance(event, MessageEvent):
            names[event.message.id] = hashed(room, "message", event.message.id)
            names.setdefault(event.message.room, room)
    for run in whole.runs:
        names.setdefault(run.room, room)
        names[run.id] = hashed(room, "run", run.id)
    return names


async def _events(connection: AsyncConnection, room: str, frames: Sequence[Lasting], at: datetime) -> None:
    rows = [
        {
            "room_id": room,
            "seq": frame.seq,
            "kind": frame.type,
            "body": frame.model_dump_json(),
            "at": frame.message.at if isinstance(frame, MessageEvent) else at,
        }
        for frame in frames
    ]
    await _insert(connection, events, rows)


async def _messages(connection: AsyncConnection, room: str, frames: Sequence[Lasting]) -> None:
    edited = {frame.id: frame.seq for frame in frames if isinstance(frame, EditedEvent)}
    rows = [
        {
            "id": m.id,
            "room_id": room,
            "seq": m.seq,
            "author_id": m.author.id,
            "author_name": m.author.name[:64],
            "author_kind": m.author.kind,
            "client_id": f"{PREFIX}{m.seq}",
            "text": m.text,
            "reply_to": m.reply_to,
            "at": m.at,
            "edited_seq": edited.get(m.id),
            "edited_at": m.edited_at,
            "deleted_at": m.deleted_at,
        }
        for m in (frame.message for frame in frames if isinstance(frame, MessageEvent))
    ]
    await _insert(connection, messages, rows)
    left: dict[tuple[str, str, str], bool] = {}
    for frame in frames:
        if isinstance(frame, ReactionEvent):
            left[frame.id, frame.user, frame.emoji] = frame.on
    there = {row["id"] for row in rows if row["deleted_at"] is None}
    kept = [key for key, on in left.items() if on and key[0] in there]
    await _insert(
        connection, reactions, [dict(zip(("message_id", "user_id", "emoji"), key, strict=True)) for key in kept]
    )


async def _runs(connection: AsyncConnection, room: str, whole: Whole, names: dict[str, str]) -> None:
    rows = []
    for run in whole.runs:
        view = renamed(run, names)
        rows.append(
            {
                "id": view.id,
                "room_id": room,
                "agent_id": view.agent,
                "trigger_kind": view.trigger.kind,
                "trigger_seq": view.trigger.seq,
                "trigger_nth": view.trigger.nth,
                "act": view.decision.act,
                "outcome": view.outcome,
                "message_id": view.message,
                "error": view.error,
                "tokens": view.tokens.prompt + view.tokens.generated,
                "body": view.model_dump_json(),
                "at": view.at,
            }
        )
    await _insert(connection, runs, rows)


async def _insert(connection: AsyncConnection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await connection.execute(insert(table), list(rows))
