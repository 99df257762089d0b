"""Other words for a message, and none: both are events of the log, and the old words are gone from the database."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Conflict, Forbidden, NotFound
from app.frames import DeletedEvent, EditedEvent, MessageEvent
from app.rights import may
from app.store.database import Database
from app.store.events import Logged, append, rewrite
from app.store.evidence import disbelieve
from app.store.forgetting import forget, kept_of, trail
from app.store.members import standing
from app.store.tables import messages, reactions
from app.views import message_view
from conversation.message import Author, Message


class Edits:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def edit(
        self, room: str, message_id: str, author: str, text: str, at: datetime, allowed: bool = False
    ) -> Logged | None:
        """With it goes what was kept of the old words; None where the message says so already. `allowed`: only while `author` may
        write there (standing). Raises NotFound, Conflict for a message that was deleted and Forbidden for somebody else's."""
        traced = await trail(self._database, await kept_of(self._database, message_id))

        async def work(connection: AsyncConnection) -> Logged | None:
            if allowed:
                await standing(connection, room, author, "write")
            row = await _require(connection, room, message_id)
            if row.author_id != author:
                raise Forbidden("only its author may change a message", "id", message_id)
            if row.deleted_at is not None:
                raise Conflict("this message was deleted", "id", message_id)
            if row.text == text:
                return None
            logged = await append(
                connection, room, at, lambda seq: EditedEvent(room=room, seq=seq, id=message_id, text=text, at=at)
            )
            await disbelieve(connection, [message_id])
            await _put(connection, row, {"text": text, "edited_seq": logged.seq, "edited_at": at})
            if traced.items:
                await forget(connection, traced)
            return logged

        return await self._database.write(work, room)

    async def delete(
        self,
        room: str,
        message_id: str,
        by: str,
        owner: bool,
        at: datetime,
        alone: bool = False,
        allowed: bool = False,
    ) -> Logged | None:
        """With the reactions to it and the thoughts that came of it; None where it was deleted before. `owner`: `by` owns the
        room, and may delete what others wrote. `alone`: what came of it is gone already. `allowed`: only while `by` is in the
        room, and as what they are there (standing). Raises NotFound and Forbidden."""
        # Read first, beside the writer: the thought log of a large room may be long.
        traced = None if alone else await trail(self._database, [message_id], room)

        async def work(connection: AsyncConnection) -> Logged | None:
            role = await standing(connection, room, by, "take back") if allowed else None
            row = await _require(connection, room, message_id)
            if row.author_id != by and not (owner if role is None else may(role, "manage")):
                raise Forbidden("only its author or an owner may delete a message", "id", message_id)
            if row.deleted_at is not None:
                return None
            logged = await append(
                connection, room, at, lambda seq: DeletedEvent(room=room, seq=seq, id=message_id, by=by, at=at)
            )
            await connection.execute(delete(reactions).where(reactions.c.message_id == message_id))
            await _put(connection, row, {"text": "", "deleted_at": at})
            await disbelieve(connection, [message_id])
            if traced is not None:
                await forget(connection, traced)
            return logged

        return await self._database.write(work, room)


async def _require(connection: AsyncConnection, room: str, message_id: str) -> Row[Any]:
    query = select(messages).where(messages.c.id == message_id, messages.c.room_id == room)
    row = (await connection.execute(query)).first()
    if row is None:
        raise NotFound("no such message in this room", "id", message_id)
    return row


async def _put(connection: AsyncConnection, row: Row[Any], changed: dict[str, Any]) -> None:
    """Changes the message, and takes its old words out of the log: out of the event that it came with, and out of the last
    edit before this one (the edits before that lost theirs to the next)."""
    await connection.execute(update(messages).where(messages.c.id == row.id).values(changed))
    message = Message(
        row.id,
        row.seq,
        Author(row.author_id, row.author_name, row.author_kind),
        changed["text"],
        row.at,
        row.reply_to,
    )
    edited_at, deleted_at = changed.get("edited_at", row.edited_at), changed.get("deleted_at")
    view = message_view(row.room_id, message, None, edited_at, deleted_at)
    await rewrite(connection, MessageEvent(room=row.room_id, seq=row.seq, message=view))
    if row.edited_seq is not None:
        last = EditedEvent(room=row.room_id, seq=row.edited_seq, id=row.id, text=None, at=row.edited_at)
        await rewrite(connection, last)
