"""Who is in a room, and the codes that let others in."""

from datetime import timedelta

from fastapi import APIRouter

from app.api.access import Caller, Here, InRoom, require
from app.api.rooms import room_view
from app.errors import BadInput, NotFound
from app.keys import InviteView, NewInvite
from app.parts import Parts
from app.protocol import Id, NewMember, RoomView
from app.room import Room
from app.store.credentials import Bearer
from conversation.member import Member

router = APIRouter(tags=["members"])


@router.post("/rooms/{room}/members", status_code=201)
async def join(new: NewMember, room: Id, parts: Here, caller: Caller) -> RoomView:
    """With `invite`, the caller joins as what the code says; who is in already stays what they are. With `user`, an owner adds
    somebody as `role`, or gives a member another role."""
    live = await parts.rooms.asked(room, caller.id)
    if new.invite is not None and new.user is None:
        await _join(live, new.invite, parts, caller)
    elif new.user is not None and new.invite is None:
        await _add(live, new.user, new, parts, caller)
    else:
        raise BadInput("give exactly one of user and invite", "user", new.user)
    return await room_view(live, parts, caller)


@router.delete("/rooms/{room}/members/{user}", status_code=204)
async def leave(room: InRoom, user: Id, parts: Here, caller: Caller) -> None:
    """Owners remove anybody, everybody may remove themselves. The last owner stays. Where an owner removes somebody the room's
    invites are withdrawn, so that none of them lets the same person in again."""
    if user == caller.id:
        await room.leave(user)
        return
    require(room, caller, "manage")
    await parts.store.invites.withdraw(room.id)
    await room.leave(user)


@router.post("/rooms/{room}/invites", status_code=201)
async def invite(new: NewInvite, room: InRoom, parts: Here, caller: Caller) -> InviteView:
    """Owners and members; only an owner invites observers, who may watch the agent think."""
    require(room, caller, "invite")
    if new.role == "observer":
        require(room, caller, "manage")
    return await parts.store.invites.create(room.id, new.role, parts.clock.now(), timedelta(days=new.days))


@router.delete("/rooms/{room}/invites", status_code=204)
async def withdraw(room: InRoom, parts: Here, caller: Caller) -> None:
    """Owners. No code of this room lets anybody in any more."""
    require(room, caller, "manage")
    await parts.store.invites.withdraw(room.id)


async def _join(room: Room, code: str, parts: Parts, caller: Bearer) -> None:
    role = await parts.store.invites.role(room.id, code, parts.clock.now())
    if role is None:
        raise NotFound("no such invite to this room, or not any more", "invite")
    if room.role(caller.id) is None:
        await room.join(Member(caller.id, caller.name, role), code)


async def _add(room: Room, user_id: str, new: NewMember, parts: Parts, caller: Bearer) -> None:
    require(room, caller, "manage")
    user = await parts.store.users.get(user_id)
    if user is None:
        raise NotFound("no such user", "user", user_id)
    await room.join(Member(user.id, user.name, new.role))
