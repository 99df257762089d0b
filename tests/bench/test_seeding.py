"""Rooms full of people."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from app.protocol import NewAgent
from bench.seeding import say, seat
from tests.app.store.opened import opened


def test_everybody_has_a_seat_and_a_word_is_said_in_each_room(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/aside.db"

    async def go() -> None:
        seats = await seat(url, 3, 4, NewAgent())
        await say(url, seats, "hello")
        async with opened(url) as store:
            for one in seats:
                user = await store.credentials.bearer(one.token, datetime.now(UTC))
                assert user is not None
                assert user.id == one.user
                assert await store.members.role(one.room, one.user) in ("owner", "member")
            for room in {one.room for one in seats}:
                assert len(await store.members.of_room(room)) == 5
                assert [m.text for m in await store.messages.page(room, 0, None, 10)] == ["hello"]
        assert len(seats) == 12

    asyncio.run(go())
