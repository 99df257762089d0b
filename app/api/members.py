"""Who is in a room, and the codes that let others in."""

from fastapi import APIRouter

from app.api.access import Caller, Here, InRoom, require
from app.api.rooms import room_view
from app.errors import BadInput, NotFound
from app.parts import Parts
from app.protocol import Id, InviteView, NewInvite, NewMember, RoomView
from app.room import Room
from app.store.users import User
from conversation.member import Member

router = APIRouter(tags=["members"])


@router.post("/rooms/{room}/members", status_code=201)
async def join(new: NewMember, room: Id, parts: Here, caller: Caller) -> RoomView:
    """With `invite`, the caller joins as what the code says; who is in already stays what they are. With `user`, an owner adds
    somebody as `role`, or gives a member another role."""
    live = await parts.rooms.get(room)
    if new.invite is not None and new.user is None:
        await _join(live, new.invite, parts, caller)
    elif new.user is not None and new.invite is None:
        await _add(live, new.user, new, parts, caller)
    else:
        raise BadInput("give exactly one of user and invite", "user", new.user)
    return await room_view(live, parts, caller)


@router.delete("/rooms/{room}/members/{user}", status_code=204)
async def leave(room: InRoom, user: Id, caller: Caller) -> None:
    """Owners remove anybody, everybody may remove themselves. The last owner stays."""
    if user != caller.id:
        require(room, caller, "manage")
    await room.leave(user)


@router.post("/rooms/{room}/invites", status_code=201)
async def invite(new: NewInvite, room: InRoom, parts: Here, caller: Caller) -> InviteView:
    """Owners and members; only an owner invites observers, who may watch the agent think."""
    require(room, caller, "invite")
    if new.role == "observer":
        require(room, caller, "manage")
    code = await parts.store.invites.create(room.id, new.role, parts.clock.now())
    return InviteView(invite=code, room=room.id, role=new.role)


async def _join(room: Room, code: str, parts: Parts, caller: User) -> None:
    role = await parts.store.invites.role(room.id, code)
    if role is None:
        raise NotFound("no such invite to this room", "invite")
    if room.role(caller.id) is None:
        await room.join(Member(caller.id, caller.name, role))


async def _add(room: Room, user_id: str, new: NewMember, parts: Parts, caller: User) -> None:
    require(room, caller, "manage")
    user = await parts.store.users.get(user_id)
    if user is None:
        raise NotFound("no such user", "user", user_id)
    await room.join(Member(user.id, user.name, new.role))
