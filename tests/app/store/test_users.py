"""People and their tokens."""

import asyncio

from sqlalchemy import select

from app.store.tables import tokens, users
from app.store.tokens import digest
from tests.app.store.opened import NOW, opened


def test_a_token_finds_its_user_and_nobody_else(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            ann, bob = await store.users.add("Ann", NOW), await store.users.add("Ann", NOW)
            for view in (ann, bob):
                found = await store.credentials.bearer(view.token, NOW)
                assert found is not None
                assert (found.id, found.name) == (view.id, "Ann")
            assert await store.credentials.bearer(ann.token + "x", NOW) is None
            assert await store.credentials.bearer(digest(ann.token), NOW) is None

    asyncio.run(go())


def test_only_the_hash_of_a_token_is_stored(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            view = await store.users.add("Ann", NOW)
            async with store.database.read() as connection:
                user = (await connection.execute(select(users))).one()
                row = (await connection.execute(select(tokens))).one()
            assert view.token not in (*user, *row)
            assert row.hash == digest(view.token)
            assert user.at == NOW

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
