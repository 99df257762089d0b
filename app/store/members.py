"""Who is in a room: people of the members table and agents of the agents table."""

from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Conflict, NotFound
from app.rights import Right, allow
from app.store.database import Database
from app.store.events import Logged, append, presence
from app.store.tables import agents, invites, members, rooms, users
from app.store.tokens import digest
from conversation.member import Member, Role


class Members:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_room(self, room: str) -> tuple[Member, ...]:
        """People first, each kind in the order in which it came."""
        people = (
            select(users.c.id, users.c.name, members.c.role)
            .join(users, users.c.id == members.c.user_id)
            .where(members.c.room_id == room)
            .order_by(members.c.at, users.c.id)
        )
        thinking = select(agents.c.id, agents.c.name).where(agents.c.room_id == room).order_by(agents.c.at, agents.c.id)
        async with self._database.look() as connection:
            humans = [Member(row.id, row.name, row.role) for row in await connection.execute(people)]
            return (*humans, *(Member(row.id, row.name, "agent") for row in await connection.execute(thinking)))

    async def role(self, room: str, user: str) -> Role | None:
        query = select(members.c.role).where(members.c.room_id == room, members.c.user_id == user)
        async with self._database.look() as connection:
            role: Role | None = (await connection.execute(query)).scalar_one_or_none()
        return role

    async def put(self, room: str, member: Member, at: datetime, invite: str | None = None) -> Logged | None:
        """Adds a person or gives them another role; None where it already was so. `invite`: looked at in the same transaction, so
        that whoever withdraws it, to put somebody out, has it gone before or finds them in. Raises Conflict for the last owner,
        NotFound for such an invite."""

        async def work(connection: AsyncConnection) -> Logged | None:
            there = await _role(connection, room, member.id)
            if there == member.role:
                return None
            if there is None:
                if invite is not None and not await _stands(connection, room, invite, at):
                    raise NotFound("no such invite to this room, or not any more", "invite")
                row = {"room_id": room, "user_id": member.id, "role": member.role, "at": at}
                await connection.execute(insert(members).values(row))
            else:
                await _keep_an_owner(connection, room, there)
                mine = (members.c.room_id == room) & (members.c.user_id == member.id)
                await connection.execute(update(members).where(mine).values(role=member.role))
            return await append(connection, room, at, presence(room, member, "joined"))

        return await self._database.write(work, room)

    async def remove(self, room: str, member: Member, at: datetime) -> Logged:
        """Raises NotFound for somebody who is not there, Conflict for the last owner."""

        async def work(connection: AsyncConnection) -> Logged:
            there = await _role(connection, room, member.id)
            if there is None:
                raise NotFound("not a member of this room", "user", member.id)
            await _keep_an_owner(connection, room, there)
            mine = (members.c.room_id == room) & (members.c.user_id == member.id)
            await connection.execute(delete(members).where(mine))
            return await append(connection, room, at, presence(room, member, "left"))

        return await self._database.write(work, room)


async def standing(connection: AsyncConnection, room: str, user: str, right: Right) -> Role | None:
    """What a person is in the room until this transaction ends; None over SQLite, whose one process knows. Raises NotFound where
    they are not in it, and Forbidden where they have no such right."""
    if connection.dialect.name == "sqlite":
        return None
    await lock(connection, room)
    role = await _role(connection, room, user)
    if role is None:
        raise NotFound("no such room, or you are not in it", "room", room)
    allow(role, right, room)
    return role


async def lock(connection: AsyncConnection, room: str) -> None:
    """Whoever puts somebody out or lets them in takes it too, to log it."""
    await connection.execute(update(rooms).where(rooms.c.id == room).values(head=rooms.c.head))


async def _role(connection: AsyncConnection, room: str, user: str) -> Role | None:
    query = select(members.c.role).where(members.c.room_id == room, members.c.user_id == user)
    role: Role | None = (await connection.execute(query)).scalar_one_or_none()
    return role


async def _stands(connection: AsyncConnection, room: str, invite: str, now: datetime) -> bool:
    """Until this transaction ends."""
    query = select(invites.c.code_hash).where(
        invites.c.room_id == room, invites.c.code_hash == digest(invite), invites.c.expires_at > now
    )
    return (await connection.execute(query.with_for_update(read=True))).first() is not None


async def _keep_an_owner(connection: AsyncConnection, room: str, role: Role) -> None:
    if role != "owner":
        return
    # The lock on the room makes two owners who leave at once wait for each other.
    await lock(connection, room)
    query = select(func.count()).where(members.c.room_id == room, members.c.role == "owner")
    if (await connection.execute(query)).scalar_one() == 1:
        raise Conflict("the last owner stays: make somebody else an owner, or delete the room")
