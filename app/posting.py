"""Writing into a room, from whichever door: one set of limits."""

from collections.abc import Callable
from typing import Literal

from app import metrics
from app.parts import Parts
from app.rates import PERSON, ROOM
from app.room import Room
from app.tracing import TRACING
from conversation.message import Message


async def post(
    parts: Parts,
    room: Room,
    user: str,
    client_id: str,
    text: str,
    reply_to: str | None,
    door: Literal["socket", "rest"],
    committed: Callable[[Message], None] = lambda message: None,
) -> Message:
    """As Room.send; `door` is where it came in. Raises TooMany also where somebody writes to too many rooms, or too many write to
    this one."""
    came = parts.clock.tick()
    parts.meter.take("messages of one person", user, PERSON, came)
    parts.meter.take("messages in one room", room.id, ROOM, came)
    durable = came

    def kept(message: Message) -> None:
        nonlocal durable
        durable = parts.clock.tick()
        committed(message)

    message = await room.send(user, client_id, text, reply_to, kept)
    told = parts.clock.tick()
    metrics.MESSAGES.labels(door).inc()
    metrics.ACK.observe(durable - came)
    metrics.FAN_OUT.observe(told - durable)
    TRACING.message(room.id, message.seq, door, parts.clock, came, durable, told)
    return message
