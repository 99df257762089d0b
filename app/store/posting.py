"""Messages that are posted at the same moment, in whatever rooms, in a handful of statements together."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Conflict, Forbidden, NotFound, WireError
from app.frames import MessageEvent
from app.rights import allow
from app.store.events import Logged
from app.store.owners import Fenced
from app.store.quick import Quick, quick, stored, text_of
from app.store.tables import agents, events, members, messages, outbox, rooms
from app.store.tokens import new_id
from app.views import message_view
from conversation.member import Role
from conversation.message import Author, Message

# Built once: to put a statement together takes longer than to run it.
_PLACES = (
    select(rooms.c.id, rooms.c.head, rooms.c.fence)
    .where(rooms.c.id.in_(bindparam("rooms", expanding=True)))
    .order_by(rooms.c.id)
    .with_for_update(key_share=True)
)
"""Whoever only refers to a room (what is believed of somebody, a question) does not wait for who writes there."""
_EARLIER = select(messages).where(
    tuple_(messages.c.room_id, messages.c.author_id, messages.c.client_id).in_(bindparam("keys", expanding=True))
)
_ROLES = select(members.c.room_id, members.c.user_id, members.c.role).where(
    tuple_(members.c.room_id, members.c.user_id).in_(bindparam("people", expanding=True))
)
_ANSWERED = select(messages.c.id, messages.c.room_id).where(messages.c.id.in_(bindparam("ids", expanding=True)))
_THINKING = select(agents.c.room_id, agents.c.id).where(agents.c.room_id.in_(bindparam("rooms", expanding=True)))
_ADVANCE = update(rooms).where(rooms.c.id == bindparam("room")).values(head=bindparam("to"))
_EVENTS, _MESSAGES, _OUTBOX = insert(events), insert(messages), insert(outbox)

# The same over SQLite: what is looked for comes as one list in JSON, so that the text of a statement is always the same.
_LISTED = func.json_each(bindparam("listed")).table_valued("value")
_QUICK_PLACES = text_of(select(rooms.c.id, rooms.c.head, rooms.c.fence).where(rooms.c.id.in_(select(_LISTED.c.value))))
_QUICK_THINKING = text_of(select(agents.c.room_id, agents.c.id).where(agents.c.room_id.in_(select(_LISTED.c.value))))
_QUICK_EARLIER = """
SELECT count(*) FROM json_each(:listed) AS wanted CROSS JOIN messages
WHERE messages.room_id = wanted.value ->> 0 AND messages.author_id = wanted.value ->> 1
AND messages.client_id = wanted.value ->> 2
"""
_QUICK_ADVANCE = text_of(_ADVANCE)
_QUICK_EVENTS = text_of(_EVENTS, ("room_id", "seq", "kind", "body", "at"))
_QUICK_MESSAGES = text_of(
    _MESSAGES,
    ("id", "room_id", "seq", "author_id", "author_name", "author_kind", "client_id", "text", "reply_to", "at"),
)
_QUICK_OUTBOX = text_of(_OUTBOX, ("room_id", "seq", "at"))


@dataclass(frozen=True, slots=True)
class Post:
    """`fence`: only while the room is owned under it, where one is given. `allowed`: only while its author may write there, which
    is asked of a database that other processes write to as well; who is alone with it knows."""

    room: str
    author: Author
    client_id: str
    text: str
    reply_to: str | None
    at: datetime
    fence: int | None
    allowed: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        return self.room, self.author.id, self.client_id


@dataclass(frozen=True, slots=True)
class Posted:
    """`logged` is None where the same message had been posted before: nothing new to tell."""

    message: Message
    logged: Logged | None


@dataclass(frozen=True, slots=True)
class _Known:
    """Of the rooms: head and fence, by id; and of the posts: those that were made before, what is answered, with its room, and
    the roles of those who must be allowed to write, by room and user; None where that is not asked."""

    places: dict[str, tuple[int, int]]
    earlier: dict[tuple[str, str, str], Row[Any]]
    answered: set[tuple[str, str]]
    roles: dict[tuple[str, str], Role] | None = None


async def post_all(connection: AsyncConnection, posts: Sequence[Post]) -> list[Posted | Exception]:
    """Once per (room, author, client_id) for ever. Conflict where that id was used for something else, NotFound where the room
    or `reply_to` does not exist or the author is not in the room, Forbidden, Fenced. The rooms are locked first, in the order of
    their ids, so whatever another process posts there is either seen here or comes after."""
    known = await _known(connection, posts)
    heads = {room: head for room, (head, _) in known.places.items()}
    results = _decided(posts, known, heads)
    new = [
        (post, result.message, result.logged)
        for post, result in zip(posts, results, strict=True)
        if isinstance(result, Posted) and result.logged is not None
    ]
    if new:
        await _keep(connection, new, heads)
    return results


async def _known(connection: AsyncConnection, posts: Sequence[Post]) -> _Known:
    wanted, keys = sorted({p.room for p in posts}), [p.key for p in posts]
    if (sqlite := quick(connection)) is not None:
        rows = sqlite.rows(_QUICK_PLACES, {"listed": json.dumps(wanted)})
        [(again,)] = sqlite.rows(_QUICK_EARLIER, {"listed": json.dumps(keys)})
    else:
        rows = [tuple(row) for row in await connection.execute(_PLACES, {"rooms": wanted})]
        again = True
    # Looked at under the lock on the room, which whoever puts somebody out takes too, to log it.
    people = None if sqlite is not None else sorted({(p.room, p.author.id) for p in posts if p.allowed})
    ranks = (await connection.execute(_ROLES, {"people": people})).all() if people else ()
    earlier = (await connection.execute(_EARLIER, {"keys": keys})).all() if again else ()
    answers = sorted({p.reply_to for p in posts if p.reply_to is not None})
    return _Known(
        {room: (head, fence) for room, head, fence in rows},
        {(row.room_id, row.author_id, row.client_id): row for row in earlier},
        {(row.id, row.room_id) for row in await connection.execute(_ANSWERED, {"ids": answers})} if answers else set(),
        None if people is None else {(row.room_id, row.user_id): row.role for row in ranks},
    )


def _decided(posts: Sequence[Post], known: _Known, heads: dict[str, int]) -> list[Posted | Exception]:
    """What becomes of each; `heads` move on."""
    earlier: dict[tuple[str, str, str], Row[Any] | Posted] = {**known.earlier}
    results: list[Posted | Exception] = []
    for post in posts:
        place, before = known.places.get(post.room), earlier.get(post.key)
        if place is None:
            results.append(NotFound("no such room", "room", post.room))
        elif post.fence is not None and place[1] != post.fence:
            results.append(Fenced(post.room, post.fence))
        elif post.allowed and (refusal := _refusal(post, known)) is not None:
            results.append(refusal)
        elif before is not None:
            results.append(_again(before, post))
        elif post.reply_to is not None and (post.reply_to, post.room) not in known.answered:
            results.append(NotFound("no such message in this room", "reply_to", post.reply_to))
        else:
            seq = heads[post.room] = heads[post.room] + 1
            earlier[post.key] = posted = _posted(post, seq)
            results.append(posted)
    return results


def _refusal(post: Post, known: _Known) -> WireError | None:
    """Why its author may not write there any more."""
    if known.roles is None:
        return None
    role = known.roles.get((post.room, post.author.id))
    if role is None:
        return NotFound("no such room, or you are not in it", "room", post.room)
    try:
        allow(role, "write", post.room)
    except Forbidden as refusal:
        return refusal
    return None


async def _keep(
    connection: AsyncConnection, new: Sequence[tuple[Post, Message, Logged]], heads: dict[str, int]
) -> None:
    moved = sorted({post.room for post, _, _ in new})
    advance = [{"room": room, "to": heads[room]} for room in moved]
    if (sqlite := quick(connection)) is not None:
        _keep_quickly(sqlite, new, moved, advance)
        return
    await connection.execute(_ADVANCE, advance)
    await connection.execute(_EVENTS, [_event(post, logged, post.at) for post, _, logged in new])
    await connection.execute(_MESSAGES, [_row(post, message, post.at) for post, message, _ in new])
    minds = [(row.room_id, row.id) for row in await connection.execute(_THINKING, {"rooms": moved})]
    if due := [_pending(post, message, post.at) for post, message in _due(new, minds)]:
        await connection.execute(_OUTBOX, due)


def _keep_quickly(
    sqlite: Quick,
    new: Sequence[tuple[Post, Message, Logged]],
    moved: Sequence[str],
    advance: Sequence[dict[str, object]],
) -> None:
    at = {post.at: stored(post.at) for post, _, _ in new}
    sqlite.many(_QUICK_ADVANCE, advance)
    sqlite.many(_QUICK_EVENTS, [_event(post, logged, at[post.at]) for post, _, logged in new])
    sqlite.many(_QUICK_MESSAGES, [_row(post, message, at[post.at]) for post, message, _ in new])
    minds = sqlite.rows(_QUICK_THINKING, {"listed": json.dumps(moved)})
    if due := [_pending(post, message, at[post.at]) for post, message in _due(new, minds)]:
        sqlite.many(_QUICK_OUTBOX, due)


def _due(new: Sequence[tuple[Post, Message, Logged]], minds: Sequence[tuple[str, ...]]) -> list[tuple[Post, Message]]:
    """What somebody is to think about. Nothing where nobody but its author could."""
    return [
        (post, message)
        for post, message, _ in new
        if any(room == post.room and agent != post.author.id for room, agent in minds)
    ]


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


def _event(post: Post, logged: Logged, at: object) -> dict[str, object]:
    return {"room_id": post.room, "seq": logged.seq, "kind": logged.frame.type, "body": logged.body, "at": at}


def _pending(post: Post, message: Message, at: object) -> dict[str, object]:
    return {"room_id": post.room, "seq": message.seq, "at": at}


def _row(post: Post, message: Message, at: object) -> dict[str, object]:
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
        "at": at,
    }
