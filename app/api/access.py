"""Who asks, and whether they may: what every route needs first."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.errors import NotFound, Unauthorized
from app.parts import Parts
from app.protocol import Id, RunView
from app.rights import Right, allow
from app.room import Room
from app.store.users import User


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


Here = Annotated[Parts, Depends(_parts)]


async def _caller(request: Request, parts: Here) -> User:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("send your token in the header: Authorization: Bearer …", "Authorization")
    user = await parts.store.users.by_token(token.strip())
    if user is None:
        raise Unauthorized("no such token", "Authorization")
    return user


Caller = Annotated[User, Depends(_caller)]


async def _room(room: Id, parts: Here, caller: Caller) -> Room:
    """Strangers are told the same as where there is no such room."""
    live = await parts.rooms.get(room)
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
    room = await parts.rooms.get(found.room)
    if room.role(caller.id) is None:
        raise missing
    return RunHere(found, room)


OfRun = Annotated[RunHere, Depends(_run)]


def require(room: Room, caller: User, right: Right) -> None:
    """Raises Forbidden, and NotFound for those who are not members."""
    allow(room.member(caller.id).role, right, room.id)
