"""Who asks, and whether they may: what every route needs first."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.errors import NotFound, Unauthorized
from app.log import ROOM
from app.parts import Parts
from app.protocol import Id, RunView
from app.rates import HEAVY, REQUESTS, STRANGERS
from app.rights import Right, allow
from app.room import Room
from app.store.credentials import Bearer


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


Here = Annotated[Parts, Depends(_parts)]


async def _caller(request: Request, parts: Here) -> Bearer:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("send your token in the header: Authorization: Bearer …", "Authorization")
    bearer = await parts.store.credentials.bearer(token.strip(), parts.clock.now())
    if bearer is None:
        parts.meter.take("calls with a wrong token", address(request), STRANGERS, parts.clock.tick())
        raise Unauthorized("no such token, or not any more", "Authorization")
    parts.meter.take("calls of one person", bearer.id, REQUESTS, parts.clock.tick())
    return bearer


Caller = Annotated[Bearer, Depends(_caller)]


def address(request: Request) -> str:
    """Where a request comes from. Behind a proxy it is the proxy's, unless uvicorn trusts that one (FORWARDED_ALLOW_IPS)."""
    return request.client.host if request.client else "unknown"


def heavy(parts: Parts, caller: Bearer) -> None:
    """Before what reads a whole room. Raises TooMany."""
    parts.meter.take("such calls of one person", caller.id, HEAVY, parts.clock.tick())


async def _room(room: Id, parts: Here, caller: Caller) -> Room:
    """Strangers are told the same as where there is no such room."""
    ROOM.set(room)
    live = await parts.rooms.asked(room, caller.id)
    live.member(caller.id)
    return live


InRoom = Annotated[Room, Depends(_room)]


@dataclass(frozen=True, slots=True)
class RunHere:
    """A run of a room that the caller is in."""

    run: RunView
    room: Room


async def _run(run: Id, parts: Here, caller: Caller) -> RunHere:
    """Strangers are told the same as where there is no such run."""
    found = await parts.store.runs.get_run(run)
    missing = NotFound("no such run, or you are not in its room", "run", run)
    if found is None:
        raise missing
    room = await parts.rooms.asked(found.room, caller.id)
    if room.role(caller.id) is None:
        raise missing
    return RunHere(found, room)


OfRun = Annotated[RunHere, Depends(_run)]


def require(room: Room, caller: Bearer, right: Right) -> None:
    """Raises Forbidden, and NotFound for those who are not members."""
    allow(room.member(caller.id).role, right, room.id)
