"""Rooms."""

from fastapi import APIRouter

from app.api.access import Caller, Here, InRoom, require
from app.api.agents import check_agent, shown
from app.notice import notice
from app.parts import Parts
from app.protocol import NewRoom, RoomChange, RoomsView, RoomView
from app.room import Room
from app.store.credentials import Bearer

router = APIRouter(tags=["rooms"])


@router.post("/rooms", status_code=201)
async def create(new: NewRoom, parts: Here, caller: Caller) -> RoomView:
    """The caller owns it. An agent is added unless `agent` is null."""
    if new.agent is not None:
        check_agent(new.agent, parts)
    room_id = await parts.store.rooms.create(new.name.strip(), caller.id, new.agent, parts.clock.now())
    return await room_view(await parts.rooms.get(room_id), parts, caller)


@router.get("/rooms")
async def mine(parts: Here, caller: Caller) -> RoomsView:
    """Those that the caller is in, oldest first."""
    rows = await parts.store.rooms.of_user(caller.id)
    rooms = [await parts.rooms.asked(row.id, caller.id) for row in rows]
    kept = {row.id: row.retention for row in rows}
    agents = await parts.store.agents.of_rooms([room.id for room in rooms])
    return RoomsView(
        rooms=[
            RoomView(
                id=room.id,
                name=room.name,
                seq=room.head,
                role=role,
                retention=kept[room.id],
                members=room.member_views(),
                agents=[shown(view, role) for view in agents.get(room.id, ())],
                notice=notice(len(agents.get(room.id, ())), parts.settings.retention),
            )
            for room in rooms
            if (role := room.role(caller.id)) is not None
        ]
    )


@router.get("/rooms/{room}")
async def one(room: InRoom, parts: Here, caller: Caller) -> RoomView:
    return await room_view(room, parts, caller)


@router.patch("/rooms/{room}")
async def change(change: RoomChange, room: InRoom, parts: Here, caller: Caller) -> RoomView:
    """Owners."""
    require(room, caller, "manage")
    if change.name is not None:
        await room.rename(change.name.strip())
    if change.retention is not None:
        await parts.store.rooms.keep(room.id, change.retention)
    return await room_view(room, parts, caller)


@router.delete("/rooms/{room}", status_code=204)
async def delete(room: InRoom, parts: Here, caller: Caller) -> None:
    """Owners. With everything in it."""
    require(room, caller, "manage")
    await parts.rooms.delete(room.id)


async def room_view(room: Room, parts: Parts, caller: Bearer) -> RoomView:
    role = room.member(caller.id).role
    agents = await parts.store.agents.of_room(room.id)
    row = await parts.store.rooms.get(room.id)
    return RoomView(
        id=room.id,
        name=room.name,
        seq=room.head,
        role=role,
        retention=0 if row is None else row.retention,
        members=room.member_views(),
        agents=[shown(view, role) for view in agents],
        notice=notice(len(agents), parts.settings.retention),
    )
