"""Messages and the reactions to them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Conflict, NotFound
from app.frames import ReactionEvent
from app.profile import SourceView
from app.protocol import MessageView, ReactionView
from app.store.database import Database
from app.store.events import Logged, append
from app.store.labels import of_reaction
from app.store.members import standing
from app.store.posting import Post, Posted, message_of, post_all
from app.store.tables import forgotten, messages, reactions
from app.views import message_view
from conversation.message import Author, Message


class Messages:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def post(
        self,
        room: str,
        author: Author,
        client_id: str,
        text: str,
        reply_to: str | None,
        at: datetime,
        fence: int | None = None,
        allowed: bool = False,
    ) -> Posted:
        """Once per (room, author, client_id) for ever, and only while the room is owned under `fence`, where one is given, and
        `author` may write there, where that is asked (Post). Raises Conflict where that id was used for something else, NotFound
        where `room` or `reply_to` does not exist or `author` is not in the room, Forbidden, Fenced."""
        post = Post(room, author, client_id, text, reply_to, at, fence, allowed)
        return await self._database.write_together(post_all, post, room)

    async def react(
        self, room: str, message_id: str, user: str, emoji: str, on: bool, at: datetime, allowed: bool = False
    ) -> Logged | None:
        """None where it already was so. `allowed`: only while `user`, a person, may write there (standing). Raises NotFound,
        Conflict where the message was deleted, and Forbidden."""

        async def work(connection: AsyncConnection) -> Logged | None:
            if allowed:
                await standing(connection, room, user, "write")
            await _require(connection, room, message_id, "id", whole=True)
            mine = (reactions.c.message_id == message_id) & (reactions.c.user_id == user) & (reactions.c.emoji == emoji)
            there = (await connection.execute(select(reactions.c.number).where(mine))).first() is not None
            if there == on:
                return None
            if on:
                await connection.execute(insert(reactions).values(message_id=message_id, user_id=user, emoji=emoji))
            else:
                await connection.execute(delete(reactions).where(mine))
            await of_reaction(connection, room, message_id, user, emoji, on, at)
            return await append(
                connection,
                room,
                at,
                lambda seq: ReactionEvent(room=room, seq=seq, id=message_id, user=user, emoji=emoji, on=on),
            )

        return await self._database.write(work, room)

    async def page(self, room: str, after: int | None, before: int | None, limit: int) -> tuple[MessageView, ...]:
        """Oldest first: the `limit` first after `after`; without `after`, the last ones (before `before`)."""
        query = select(messages).where(messages.c.room_id == room).limit(limit)
        if after is not None:
            query = query.where(messages.c.seq > after)
        if before is not None:
            query = query.where(messages.c.seq < before)
        query = query.order_by(messages.c.seq if after is not None else messages.c.seq.desc())
        return tuple(sorted(await self._views(room, query), key=lambda view: view.seq))

    async def search(self, room: str, words: Sequence[str], before: int | None, limit: int) -> tuple[MessageView, ...]:
        """Newest first: those that hold each of `words`. Deleted ones hold none."""
        query = select(messages).where(messages.c.room_id == room).order_by(messages.c.seq.desc()).limit(limit)
        query = query.where(*(messages.c.text.icontains(word, autoescape=True) for word in words))
        return await self._views(room, query if before is None else query.where(messages.c.seq < before))

    async def _views(self, room: str, query: Select[Any]) -> tuple[MessageView, ...]:
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
            left = await _reactions(connection, [row.id for row in rows])
        return tuple(
            message_view(room, message_of(row), left.get(row.id, []), row.edited_at, row.deleted_at) for row in rows
        )

    async def recent_messages(self, room: str, n: int) -> tuple[Message, ...]:
        """The last `n` that were not deleted, oldest first."""
        there = (messages.c.room_id == room) & messages.c.deleted_at.is_(None)
        query = select(messages).where(there).order_by(messages.c.seq.desc()).limit(n)
        async with self._database.look() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(message_of(row) for row in reversed(rows))

    async def authors_before(self, room: str, seq: int, n: int) -> tuple[str, ...]:
        """Ids of the authors of the last `n` messages before `seq` that were neither deleted nor forgotten, oldest first."""
        kept = ~exists().where(forgotten.c.id == messages.c.id)
        there = (messages.c.room_id == room) & (messages.c.seq < seq) & messages.c.deleted_at.is_(None) & kept
        query = select(messages.c.author_id).where(there).order_by(messages.c.seq.desc()).limit(n)
        async with self._database.look() as connection:
            found = (await connection.execute(query)).scalars().all()
        return tuple(reversed(found))

    async def count_since(self, room: str, author: str, since: datetime) -> int:
        """How many messages `author` wrote in the room at or after `since`."""
        query = select(func.count()).where(
            messages.c.room_id == room, messages.c.author_id == author, messages.c.at >= since
        )
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def count_people(self, room: str, first: int, last: int) -> int:
        """How many messages people wrote from seq `first` to `last`."""
        query = select(func.count()).where(
            messages.c.room_id == room, messages.c.seq.between(first, last), messages.c.author_kind == "human"
        )
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def by_client_id(self, room: str, author: str, client_id: str) -> Message | None:
        async with self._database.look() as connection:
            row = await _find(connection, room, author, client_id)
        return message_of(row) if row else None

    async def by_ids(self, ids: Sequence[str]) -> list[tuple[str, Message]]:
        """Each with its room; those that were deleted are left out."""
        found = []
        async with self._database.read() as connection:
            for start in range(0, len(ids), 500):
                some = list(ids[start : start + 500])
                query = select(messages).where(messages.c.id.in_(some), messages.c.deleted_at.is_(None))
                found += [(row.room_id, message_of(row)) for row in (await connection.execute(query)).all()]
        return found

    async def reactions_to(self, room: str, author: str, limit: int = 200) -> dict[str, tuple[str, ...]]:
        """The newest emojis that others left on messages of `author`, by id of the message."""
        query = (
            select(reactions.c.message_id, reactions.c.emoji)
            .join(messages, messages.c.id == reactions.c.message_id)
            .where(messages.c.room_id == room, messages.c.author_id == author, reactions.c.user_id != author)
            .order_by(reactions.c.number.desc())
            .limit(limit)
        )
        found: dict[str, tuple[str, ...]] = {}
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                found[row.message_id] = (*found.get(row.message_id, ()), row.emoji)
        return found

    async def of_author(self, author: str) -> tuple[MessageView, ...]:
        """All that `author` wrote and did not delete, oldest first."""
        mine = (messages.c.author_id == author) & messages.c.deleted_at.is_(None)
        async with self._database.read() as connection:
            rows = (await connection.execute(select(messages).where(mine).order_by(messages.c.at, messages.c.id))).all()
        return tuple(message_view(row.room_id, message_of(row), [], row.edited_at) for row in rows)

    async def sources(self, ids: Collection[str]) -> dict[str, SourceView]:
        """Messages as the evidence of items, by id; what was deleted has no text."""
        known = sorted(ids)
        found: dict[str, SourceView] = {}
        async with self._database.read() as connection:
            for start in range(0, len(known), 500):
                some = messages.c.id.in_(known[start : start + 500])
                for row in await connection.execute(select(messages).where(some)):
                    text = None if row.deleted_at is not None else row.text
                    found[row.id] = SourceView(id=row.id, room=row.room_id, seq=row.seq, text=text)
        return found

    async def get(self, room: str, message_id: str) -> Message | None:
        query = select(messages).where(messages.c.room_id == room, messages.c.id == message_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return message_of(row) if row else None


async def _find(connection: AsyncConnection, room: str, author: str, client_id: str) -> Row[Any] | None:
    query = select(messages).where(
        messages.c.room_id == room, messages.c.author_id == author, messages.c.client_id == client_id
    )
    return (await connection.execute(query)).first()


async def _require(connection: AsyncConnection, room: str, message_id: str, field: str, whole: bool = False) -> None:
    query = select(messages.c.deleted_at).where(messages.c.id == message_id, messages.c.room_id == room)
    row = (await connection.execute(query)).first()
    if row is None:
        raise NotFound("no such message in this room", field, message_id)
    if whole and row.deleted_at is not None:
        raise Conflict("this message was deleted", field, message_id)


async def _reactions(connection: AsyncConnection, ids: list[str]) -> dict[str, list[ReactionView]]:
    query = select(reactions).where(reactions.c.message_id.in_(ids)).order_by(reactions.c.number)
    users: dict[str, dict[str, list[str]]] = {}
    for row in await connection.execute(query):
        users.setdefault(row.message_id, {}).setdefault(row.emoji, []).append(row.user_id)
    return {
        message: [ReactionView(emoji=emoji, users=who) for emoji, who in left.items()]
        for message, left in users.items()
    }
