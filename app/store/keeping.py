"""What is still to be read for what is worth keeping, and keeping it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.frames import EditedEvent, PresenceEvent
from app.store.consents import consents_of
from app.store.database import Database
from app.store.items import insert_items
from app.store.owners import hold
from app.store.posting import message_of
from app.store.tables import events, forgotten, items, members, messages, remembered
from conversation.message import Message
from memory.attendance import Membership, Passage, present
from memory.consent import Consent
from memory.item import Item


@dataclass(frozen=True, slots=True)
class Told:
    """A message and the people who were there. `keeps`: whether its author lets it be remembered; an agent does. `edited`: seq of
    its last edit."""

    message: Message
    audience: frozenset[str]
    keeps: bool
    edited: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Oldest first. `upto`: the last seq that was looked at; `more`: something comes after it."""

    told: tuple[Told, ...]
    upto: int
    more: bool


class Keeping:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def unread(self, room: str, limit: int) -> Batch:
        """The next `limit` messages of the room, and those that were put in other words since they were read."""
        async with self._database.read() as connection:
            start = await _progress(connection, room)
            due = sorted([*await _said(connection, room, start, limit), *await _edited(connection, room, start, limit)])
            if not due:
                return Batch((), start, False)
            ids = dict.fromkeys(message for _, message in due[:limit])
            found = {
                row.id: row for row in await connection.execute(select(messages).where(messages.c.id.in_(sorted(ids))))
            }
            page = [found[one] for one in ids if one in found]
            passages = await _passages(connection, room)
            inside = [
                Membership(row.user_id, row.at)
                for row in await connection.execute(
                    select(members.c.user_id, members.c.at).where(members.c.room_id == room)
                )
            ]
            allowed = await consents_of(connection, {row.author_id for row in page})
            dropped = await _forgotten(connection, [row.id for row in page])
        told = tuple(
            Told(
                message_of(row),
                present(passages, inside, row.edited_seq or row.seq, row.edited_at or row.at),
                keeps=row.author_kind == "agent" or _keeps(allowed.get(row.author_id, Consent())),
                edited=row.edited_seq,
            )
            for row in page
            if row.deleted_at is None and row.id not in dropped
        )
        return Batch(told, due[:limit][-1][0], len(due) > limit)

    async def keep(self, room: str, new: Sequence[Item], read: Batch, fence: int | None) -> tuple[Item, ...]:
        """Writes `new`, which came of `read`, and that it was read. What was taken back meanwhile, put in other words, or
        withdrawn from memory is not written. Those that were. Raises Fenced."""
        edits = {told.message.id: told.edited for told in read.told}

        async def work(connection: AsyncConnection) -> tuple[Item, ...]:
            await hold(connection, room, fence)
            sound = await _sound(connection, {m for item in new for m in item.sources}, edits)
            allowed = await consents_of(connection, {item.subject for item in new})
            known = await _existing(connection, {one for i in new for one in (*i.replaces, i.corrects or "")})
            kept: list[Item] = []
            for item in new:
                there = item.corrects is None or item.corrects in known
                if there and sound.issuperset(item.sources) and _keeps(allowed.get(item.subject, Consent())):
                    whole = replace(item, replaces=tuple(one for one in item.replaces if one in known))
                    kept.append(whole)
                    known.add(item.id)
            await insert_items(connection, kept)
            await connection.execute(delete(remembered).where(remembered.c.room_id == room))
            await connection.execute(insert(remembered).values(room_id=room, seq=read.upto))
            return tuple(kept)

        return await self._database.write(work, room)

    async def waiting(self, room: str) -> int:
        """How many messages of the room nobody has looked at yet."""
        async with self._database.read() as connection:
            start = await _progress(connection, room)
            query = select(func.count()).where(messages.c.room_id == room, messages.c.seq > start)
            return int((await connection.execute(query)).scalar_one())


def _keeps(consent: Consent) -> bool:
    return consent.observe and consent.remember


async def _progress(connection: AsyncConnection, room: str) -> int:
    query = select(remembered.c.seq).where(remembered.c.room_id == room)
    return (await connection.execute(query)).scalar_one_or_none() or 0


async def _said(connection: AsyncConnection, room: str, start: int, limit: int) -> list[tuple[int, str]]:
    """Seq and message id of the `limit` that come next, and one more."""
    query = select(messages.c.seq, messages.c.id).where(messages.c.room_id == room, messages.c.seq > start)
    return [(row.seq, row.id) for row in await connection.execute(query.order_by(messages.c.seq).limit(limit + 1))]


async def _edited(connection: AsyncConnection, room: str, start: int, limit: int) -> list[tuple[int, str]]:
    """The same of edits."""
    query = select(events.c.body).where(events.c.room_id == room, events.c.seq > start, events.c.kind == "edited")
    rows = await connection.execute(query.order_by(events.c.seq).limit(limit + 1))
    edits = [EditedEvent.model_validate_json(row.body) for row in rows]
    return [(edit.seq, edit.id) for edit in edits]


async def _passages(connection: AsyncConnection, room: str) -> tuple[Passage, ...]:
    query = select(events.c.body).where(events.c.room_id == room, events.c.kind == "presence").order_by(events.c.seq)
    frames = [PresenceEvent.model_validate_json(row.body) for row in await connection.execute(query)]
    return tuple(
        Passage(f.seq, f.member.id, f.state)
        for f in frames
        if f.member.role != "agent" and f.seq is not None and f.state in ("joined", "left")
    )


async def _sound(connection: AsyncConnection, sources: Collection[str], edits: dict[str, int | None]) -> set[str]:
    """Those of `sources` that stand as they were read."""
    query = select(messages.c.id, messages.c.edited_seq).where(
        messages.c.id.in_(sorted(sources)), messages.c.deleted_at.is_(None)
    )
    same = {row.id for row in await connection.execute(query) if row.edited_seq == edits[row.id]}
    return same - await _forgotten(connection, sources)


async def _existing(connection: AsyncConnection, ids: Collection[str]) -> set[str]:
    return set((await connection.execute(select(items.c.id).where(items.c.id.in_(sorted(ids))))).scalars())


async def _forgotten(connection: AsyncConnection, ids: Collection[str]) -> set[str]:
    query = select(forgotten.c.id).where(forgotten.c.id.in_(sorted(ids)))
    return set((await connection.execute(query)).scalars())
