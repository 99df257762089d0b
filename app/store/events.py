"""The log of a room: every message, reaction, edit, deletion, joining and leaving, in one order.

A body is the frame as it was sent; only an edit or a deletion of its message takes the old words out of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import NotFound
from app.frames import DeletedEvent, EditedEvent, MessageEvent, PresenceEvent, ReactionEvent
from app.store.database import Database
from app.store.tables import events, rooms
from app.views import member_view
from conversation.member import Member

Kind = Literal["message", "reaction", "edited", "deleted", "presence"]
Lasting = MessageEvent | ReactionEvent | EditedEvent | DeletedEvent | PresenceEvent


@dataclass(frozen=True, slots=True)
class Logged:
    """`body` is the JSON of `frame`, so that it is encoded once and sent to everybody."""

    seq: int
    frame: Lasting
    body: str


PAGE = 500
# Built once: everybody who comes back asks for it.
_BODIES = (
    select(events.c.seq, events.c.body)
    .where(events.c.room_id == bindparam("room"), events.c.seq > bindparam("after"))
    .order_by(events.c.seq)
    .limit(bindparam("limit"))
)


class Events:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def bodies(self, room: str, after: int, limit: int = PAGE) -> tuple[tuple[int, str], ...]:
        """`(seq, body)` of the next events after `after`, oldest first."""
        rows = await self._database.glance(_BODIES, {"room": room, "after": after, "limit": limit})
        return tuple((seq, body) for seq, body in rows)

    async def after(self, room: str, after: int, limit: int = PAGE) -> tuple[Logged, ...]:
        query = select(events).where(events.c.room_id == room, events.c.seq > after).order_by(events.c.seq).limit(limit)
        async with self._database.look() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(Logged(row.seq, _TYPES[row.kind].model_validate_json(row.body), row.body) for row in rows)


_TYPES: dict[str, type[Lasting]] = {
    "message": MessageEvent,
    "reaction": ReactionEvent,
    "edited": EditedEvent,
    "deleted": DeletedEvent,
    "presence": PresenceEvent,
}


async def append(connection: AsyncConnection, room: str, at: datetime, make: Callable[[int], Lasting]) -> Logged:
    """Takes the room's next seq and logs what `make` gives for it. Raises NotFound where the room is gone."""
    advance = update(rooms).where(rooms.c.id == room).values(head=rooms.c.head + 1).returning(rooms.c.head)
    seq = (await connection.execute(advance)).scalar_one_or_none()
    if seq is None:
        raise NotFound("no such room", "room", room)
    frame = make(seq)
    body = frame.model_dump_json()
    await connection.execute(insert(events).values(room_id=room, seq=seq, kind=frame.type, body=body, at=at))
    return Logged(seq, frame, body)


async def rewrite(connection: AsyncConnection, frame: MessageEvent | EditedEvent) -> None:
    """Puts `frame` in the place of the event with its seq."""
    place = (events.c.room_id == frame.room) & (events.c.seq == frame.seq)
    await connection.execute(update(events).where(place).values(body=frame.model_dump_json()))


def presence(room: str, member: Member, state: Literal["joined", "left"]) -> Callable[[int], PresenceEvent]:
    view = member_view(member, member.role == "agent")
    return lambda seq: PresenceEvent(room=room, seq=seq, member=view, state=state)
