"""People and their tokens."""

import asyncio

from sqlalchemy import select

from app.store.tables import users
from app.store.tokens import digest
from tests.app.store.opened import NOW, opened


def test_a_token_finds_its_user_and_nobody_else(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            ann, bob = await store.users.add("Ann", NOW), await store.users.add("Ann", NOW)
            for view in (ann, bob):
                found = await store.users.by_token(view.token)
                assert found is not None
                assert (found.id, found.name) == (view.id, "Ann")
            assert await store.users.by_token(ann.token + "x") is None
            assert await store.users.by_token(digest(ann.token)) is None

    asyncio.run(go())


def test_only_the_hash_of_a_token_is_stored(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            view = await store.users.add("Ann", NOW)
            async with store.database.read() as connection:
                row = (await connection.execute(select(users))).one()
            assert view.token not in tuple(row)
            assert row.token_hash == digest(view.token)
            assert row.at == NOW

    asyncio.run(go())


def test_get(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            view = await store.users.add("Ann", NOW)
            found = await store.users.get(view.id)
            assert found is not None
            assert found.name == "Ann"
            assert await store.users.get("nobody") is None

    asyncio.run(go())
