"""Invites."""

import asyncio

from sqlalchemy import select

from app.store.tables import invites
from tests.app.store.opened import NOW, a_room, opened


def test_a_code_opens_its_room_only_and_is_stored_as_a_hash(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store)
            other, _, _ = await a_room(store)
            code = (await store.invites.create(room, "observer", NOW)).invite
            assert await store.invites.role(room, code, NOW) == "observer"
            assert await store.invites.role(room, code, NOW) == "observer"
            assert await store.invites.role(other, code, NOW) is None
            assert await store.invites.role(room, code + "x", NOW) is None
            async with store.database.read() as connection:
                rows = (await connection.execute(select(invites).where(invites.c.room_id == room))).all()
            assert all(code not in tuple(row) for row in rows)

    asyncio.run(go())
