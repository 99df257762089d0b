"""Rooms that go out as they are, and rooms that come in from a file, whole or not at all."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import BadInput, TooMany
from app.frames import EditedEvent, MessageEvent, ReactionEvent
from app.protocol import MessageView, NewAgent, RunView
from app.store.agents import insert_agent
from app.store.database import Database
from app.store.events import PAGE
from app.store.tables import events, members, memories, messages, reactions, rooms, runs, users
from app.store.tokens import new_id
from app.transfer import Lasting, Whole, hashed, people, renamed

PREFIX = "imported-"
"""Of the ids of people who are known from a file only."""
CHUNK = 200
"""Rows in one write: over SQLite they are put in on the loop, which has some milliseconds for that."""
COMING = -1
"""The head of a room that is not whole yet."""
LONG = timedelta(hours=1)
"""Longer than any room takes to come in."""

FILES = 4
"""Files that may be in memory at once: one that is taken in, and those that are read off the wire or wait."""

Rows = tuple[Table, list[dict[str, Any]]]


class Transfers:
    """`importing`: held by whoever reads a file over the wire and takes it in, since one of those keeps a core busy."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.importing = asyncio.Lock()
        self._files = 0

    @contextmanager
    def in_memory(self) -> Iterator[None]:
        """Around a file that came over the wire, from its first byte. Raises TooMany."""
        if self._files >= FILES:
            raise TooMany("other rooms are just coming in; try again in a minute")
        self._files += 1
        try:
            yield
        finally:
            self._files -= 1

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
        """The id of the new room, which `owner` (called `name`) owns. Nobody else of the file is a member, but its agents.

        It comes in by many small writes, so that those of other rooms come between, and is made ready off the loop. Nobody can
        see it before the last of them; where it breaks off earlier, it goes again. Raises BadInput."""
        room, names, there = new_id(), {owner: owner}, False

        async def begin(connection: AsyncConnection) -> None:
            await connection.execute(insert(rooms).values(id=room, name=whole.room.name, head=COMING, at=at))
            for agent in whole.room.agents:
                new = NewAgent.model_validate(agent.model_dump(exclude={"id"}) | {"model": None, "memories": []})
                names[agent.id] = (await insert_agent(connection, room, new, at)).id

        async def end(connection: AsyncConnection) -> None:
            await connection.execute(update(rooms).where(rooms.c.id == room).values(head=len(whole.events)))
            await connection.execute(insert(members).values(room_id=room, user_id=owner, role="owner", at=at))

        try:
            await self._database.write(begin, room)
            making = _rows(whole, room, names, at)
            while (made := await asyncio.to_thread(next, making, None)) is not None:
                table, rows = made
                for start in range(0, len(rows), CHUNK):
                    try:
                        await self._database.write(partial(_insert, table, rows[start : start + CHUNK]), room)
                    except IntegrityError as error:
                        raise BadInput(f"two of the {table.name} in this file are the same one") from error
            await self._database.write(end, room)
            there = True
        finally:
            if not there:
                await self._undo(room, [new for new in tuple(names.values()) if new.startswith(PREFIX)])
        return room

    async def _undo(self, room: str, strangers: Sequence[str]) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(rooms).where(rooms.c.id == room))
            for start in range(0, len(strangers), CHUNK):
                await connection.execute(delete(users).where(users.c.id.in_(strangers[start : start + CHUNK])))

        await self._database.write(work, room)

    async def sweep(self, now: datetime) -> None:
        """Removes rooms that were coming in when their service ended, and the people of their files."""
        broken = (rooms.c.head == COMING) & (rooms.c.at < now - LONG)

        async def work(connection: AsyncConnection) -> None:
            strangers = users.c.id.startswith(PREFIX) & users.c.at.in_(select(rooms.c.at).where(broken))
            await connection.execute(delete(users).where(strangers))
            await connection.execute(delete(rooms).where(broken))

        await self._database.write(work)


def _rows(whole: Whole, room: str, names: dict[str, str], at: datetime) -> Iterator[Rows]:
    """What comes into which table, in an order in which it can. Fills `names`, old id → new id, which has the agents already,
    with everybody in the room, its messages and runs."""
    yield memories, _memories(whole, names)
    yield users, _strangers(whole, room, names, at)
    _name(whole, room, names)
    edited = {names.get(e.id, e.id): e.seq for e in whole.events if isinstance(e, EditedEvent)}
    left: dict[tuple[str, str, str], bool] = {}
    there = set()
    for start in range(0, len(whole.events), CHUNK):
        frames = [renamed(event, names) for event in whole.events[start : start + CHUNK]]
        said = [frame.message for frame in frames if isinstance(frame, MessageEvent)]
        there |= {message.id for message in said if message.deleted_at is None}
        left |= {(f.id, f.user, f.emoji): f.on for f in frames if isinstance(f, ReactionEvent)}
        yield events, [_event(room, frame, at) for frame in frames]
        yield messages, [_message(room, message, edited.get(message.id)) for message in said]
    kept = [key for key, on in left.items() if on and key[0] in there]
    yield reactions, [dict(zip(("message_id", "user_id", "emoji"), key, strict=True)) for key in kept]
    for start in range(0, len(whole.runs), CHUNK):
        yield runs, _runs(room, [renamed(run, names) for run in whole.runs[start : start + CHUNK]])


def _memories(whole: Whole, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The same text twice is one."""
    return [
        {
            "id": new_id(),
            "agent_id": names[agent.id],
            "position": position,
            "text": text,
            "accessed_seq": 0,
            "weight": 1.0,
        }
        for agent in {agent.id: agent for agent in whole.room.agents}.values()
        for position, text in enumerate(dict.fromkeys(agent.memories))
    ]


def _strangers(whole: Whole, room: str, names: dict[str, str], at: datetime) -> list[dict[str, Any]]:
    found = {}
    for person in people(whole):
        if person.id not in names:
            names[person.id] = f"{PREFIX}{hashed(room, person.id)}"
            found[person.id] = {"id": names[person.id], "name": person.name[:64], "at": at}
    return list(found.values())


def _name(whole: Whole, room: str, names: dict[str, str]) -> None:
    for event in whole.events:
        names.setdefault(event.room, room)
        if isinstance(event, MessageEvent):
            names[event.message.id] = hashed(room, "message", event.message.id)
            names.setdefault(event.message.room, room)
    for run in whole.runs:
        names.setdefault(run.room, room)
        names[run.id] = hashed(room, "run", run.id)


def _event(room: str, frame: Lasting, at: datetime) -> dict[str, Any]:
    return {
        "room_id": room,
        "seq": frame.seq,
        "kind": frame.type,
        "body": frame.model_dump_json(),
        "at": frame.message.at if isinstance(frame, MessageEvent) else at,
    }


def _message(room: str, m: MessageView, edited_seq: int | None) -> dict[str, Any]:
    return {
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
        "edited_seq": edited_seq,
        "edited_at": m.edited_at,
        "deleted_at": m.deleted_at,
    }


def _runs(room: str, views: Sequence[RunView]) -> list[dict[str, Any]]:
    return [
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
        for view in views
    ]


async def _insert(table: Table, rows: Sequence[dict[str, Any]], connection: AsyncConnection) -> None:
    await connection.execute(insert(table), list(rows))
