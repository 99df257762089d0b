"""Messages that are posted at the same moment, in whatever rooms, in a handful of statements together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Conflict, NotFound, WireError
from app.frames import MessageEvent
from app.store.events import Logged
from app.store.owners import Fenced
from app.store.tables import agents, events, messages, outbox, rooms
from app.store.tokens import new_id
from app.views import message_view
from conversation.message import Author, Message

# Built once: to put a statement together takes longer than to run it.
_PLACES = (
    select(rooms.c.id, rooms.c.head, rooms.c.fence)
    .where(rooms.c.id.in_(bindparam("rooms", expanding=True)))
    .order_by(rooms.c.id)
    .with_for_update()
)
_EARLIER = select(messages).where(
    tuple_(messages.c.room_id, messages.c.author_id, messages.c.client_id).in_(bindparam("keys", expanding=True))
)
_ANSWERED = select(messages.c.id, messages.c.room_id).where(messages.c.id.in_(bindparam("ids", expanding=True)))
_THINKING = select(agents.c.room_id, agents.c.id).where(agents.c.room_id.in_(bindparam("rooms", expanding=True)))
_ADVANCE = update(rooms).where(rooms.c.id == bindparam("room")).values(head=bindparam("to"))
_EVENTS, _MESSAGES, _OUTBOX = insert(events), insert(messages), insert(outbox)


@dataclass(frozen=True, slots=True)
class Post:
    """`fence`: only while the room is owned under it, where one is given."""

    room: str
    author: Author
    client_id: str
    text: str
    reply_to: str | None
    at: datetime
    fence: int | None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.room, self.author.id, self.client_id


@dataclass(frozen=True, slots=True)
class Posted:
    """`logged` is None where the same message had been posted before: nothing new to tell."""

    message: Message
    logged: Logged | None


async def post_all(connection: AsyncConnection, posts: Sequence[Post]) -> list[Posted | Exception]:
    """Once per (room, author, client_id) for ever. Conflict where that id was used for something else, NotFound where the room
    or `reply_to` does not exist, Fenced. The rooms are locked first, in the order of their ids, so whatever another process
    posts there is either seen here or comes after."""
    places = {row.id: row for row in await connection.execute(_PLACES, {"rooms": sorted({p.room for p in posts})})}
    earlier: dict[tuple[str, str, str], Row[Any] | Posted] = {
        (row.room_id, row.author_id, row.client_id): row
        for row in await connection.execute(_EARLIER, {"keys": [p.key for p in posts]})
    }
    wanted = sorted({p.reply_to for p in posts if p.reply_to is not None})
    answered = {tuple(row) for row in await connection.execute(_ANSWERED, {"ids": wanted})} if wanted else set()
    heads = {room: row.head for room, row in places.items()}
    results: list[Posted | Exception] = []
    for post in posts:
        place, before = places.get(post.room), earlier.get(post.key)
        if place is None:
            results.append(NotFound("no such room", "room", post.room))
        elif post.fence is not None and place.fence != post.fence:
            results.append(Fenced(post.room, post.fence))
        elif before is not None:
            results.append(_again(before, post))
        elif post.reply_to is not None and (post.reply_to, post.room) not in answered:
            results.append(NotFound("no such message in this room", "reply_to", post.reply_to))
        else:
            seq = heads[post.room] = heads[post.room] + 1
            earlier[post.key] = posted = _posted(post, seq)
            results.append(posted)
    new = [
        (post, result.message, result.logged)
        for post, result in zip(posts, results, strict=True)
        if isinstance(result, Posted) and result.logged is not None
    ]
    if new:
        await _keep(connection, new, heads)
    return results


async def _keep(
    connection: AsyncConnection, new: Sequence[tuple[Post, Message, Logged]], heads: dict[str, int]
) -> None:
    moved = sorted({post.room for post, _, _ in new})
    await connection.execute(_ADVANCE, [{"room": room, "to": heads[room]} for room in moved])
    await connection.execute(_EVENTS, [_event(post, logged) for post, _, logged in new])
    await connection.execute(_MESSAGES, [_row(post, message) for post, message, _ in new])
    minds = [(row.room_id, row.id) for row in await connection.execute(_THINKING, {"rooms": moved})]
    due = [
        {"room_id": post.room, "seq": message.seq, "at": post.at}
        for post, message, _ in new
        # Nothing where nobody but its author could think about it.
        if any(room == post.room and agent != post.author.id for room, agent in minds)
    ]
    if due:
        await connection.execute(_OUTBOX, due)


def _posted(post: Post, seq: int) -> Posted:
    message = Message(new_id(), seq, post.author, post.text, post.at, post.reply_to)
    frame = MessageEvent(room=post.room, seq=seq, message=message_view(post.room, message))
    return Posted(message, Logged(seq, frame, frame.model_dump_json()))


def _again(before: Row[Any] | Posted, post: Post) -> Posted | WireError:
    if isinstance(before, Posted):
        message = before.message
    else:
        message = message_of(before)
        if before.edited_at is not None or before.deleted_at is not None:
            return Posted(message, None)  # what it first said is not kept, and so not compared
    for field, now, then in (("text", post.text, message.text), ("reply_to", post.reply_to, message.reply_to)):
        if now != then:
            return Conflict(f"client_id {post.client_id!r} was used before with another {field}", field, now)
    return Posted(message, None)


def message_of(row: Row[Any]) -> Message:
    author = Author(row.author_id, row.author_name, row.author_kind)
    return Message(row.id, row.seq, author, row.text, row.at, row.reply_to)


def _event(post: Post, logged: Logged) -> dict[str, object]:
    return {"room_id": post.room, "seq": logged.seq, "kind": logged.frame.type, "body": logged.body, "at": post.at}


def _row(post: Post, message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "room_id": post.room,
        "seq": message.seq,
        "author_id": post.author.id,
        "author_name": post.author.name,
        "author_kind": post.author.kind,
        "client_id": post.client_id,
        "text": post.text,
        "reply_to": post.reply_to,
        "at": post.at,
    }
