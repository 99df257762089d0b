"""Tokens and tickets in the store."""

import asyncio
from datetime import timedelta

from sqlalchemy import select, text

from app.store import Store
from app.store.credentials import KEPT, LASTS, TICKET_LASTS, Bearer
from app.store.database import Database
from app.store.tables import members, tickets, tokens
from app.store.tokens import digest
from tests.app.store.opened import NOW, opened

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


async def bearer(store: Store, token: str) -> Bearer:
    found = await store.credentials.bearer(token, NOW)
    assert found is not None
    return found


def test_a_token_ends_when_it_was_not_used_for_so_long_and_each_use_puts_that_off(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            ann = await store.users.add("Ann", NOW)
            assert ann.expires_at == NOW + LASTS
            late = NOW + LASTS - SECOND
            used = await store.credentials.bearer(ann.token, late)
            assert used is not None
            assert used.expires_at == late + LASTS
            assert await store.credentials.bearer(ann.token, late + LASTS - SECOND) is not None
            assert await store.credentials.bearer(ann.token, late + 3 * LASTS) is None

    asyncio.run(go())


def test_a_token_made_for_days_ends_then_used_or_not(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            ann = await store.users.add("Ann", NOW)
            script = await store.credentials.issue(ann.id, "script", NOW, 3 * DAY, renews=False)
            for days, valid in ((1, True), (2, True), (3, False)):
                found = await store.credentials.bearer(script.token, NOW + days * DAY)
                assert (found is not None) == valid

    asyncio.run(go())


def test_it_is_renewed_once_a_day_and_not_at_every_use(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            ann = await store.users.add("Ann", NOW)
            ends = [(await bearer(store, ann.token)).expires_at]
            for hours in (23, 24, 25):
                found = await store.credentials.bearer(ann.token, NOW + timedelta(hours=hours))
                assert found is not None
                ends.append(found.expires_at)
            assert [e - NOW - LASTS for e in ends] == [0 * DAY, 0 * DAY, DAY, DAY]

    asyncio.run(go())


def test_revoking_is_of_ones_own_only_and_at_once(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            ann, bob = await store.users.add("Ann", NOW), await store.users.add("Bob", NOW)
            first, second = await bearer(store, ann.token), await store.credentials.issue(ann.id, "", NOW, DAY, False)
            assert await store.credentials.revoke(bob.id, second.id, NOW) == ()
            assert await store.credentials.revoke(ann.id, None, NOW, but=first.token) == (second.id,)
            assert await store.credentials.bearer(second.token, NOW) is None
            assert await store.credentials.bearer(ann.token, NOW) is not None
            assert await store.credentials.revoke(ann.id, second.id, NOW) == ()
            assert second.id in await store.credentials.lost(NOW)
            assert second.id not in await store.credentials.lost(NOW + DAY)
            assert await store.credentials.revoke(ann.id, first.token, NOW) == (first.token,)
            assert await store.credentials.still(first, NOW) is None

    asyncio.run(go())


def test_what_is_listed_is_what_is_valid_and_no_secret(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            ann = await store.users.add("Ann", NOW)
            mine = await bearer(store, ann.token)
            script = await store.credentials.issue(ann.id, "script", NOW + SECOND, DAY, renews=False)
            views = await store.credentials.of_user(ann.id, mine.token, NOW + SECOND)
            assert [(v.id, v.label, v.renews, v.current) for v in views] == [
                (mine.token, "", True, True),
                (script.id, "script", False, False),
            ]
            assert not any(secret in v.model_dump_json() for v in views for secret in (ann.token, script.token))
            assert [v.id for v in await store.credentials.of_user(ann.id, mine.token, NOW + 2 * DAY)] == [mine.token]

    asyncio.run(go())


def test_a_ticket_works_once_soon_and_with_its_token_only(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            ann = await bearer(store, (await store.users.add("Ann", NOW)).token)
            ticket = (await store.credentials.ticket(ann, NOW)).ticket
            tries = await asyncio.gather(*(store.credentials.redeem(ticket, NOW) for _ in range(20)))
            assert [t for t in tries if t is not None] == [ann]
            late = (await store.credentials.ticket(ann, NOW)).ticket
            assert await store.credentials.redeem(late, NOW + TICKET_LASTS) is None
            assert await store.credentials.redeem(late, NOW) is None
            orphan = (await store.credentials.ticket(ann, NOW)).ticket
            await store.credentials.revoke(ann.id, ann.token, NOW)
            assert await store.credentials.redeem(orphan, NOW) is None
            assert await store.credentials.redeem("never was one", NOW) is None

    asyncio.run(go())


def test_a_ticket_of_another_process_works_here_and_once(postgres_url: str) -> None:
    async def go() -> None:
        async with opened(postgres_url) as one, opened(postgres_url) as two:
            ann = await bearer(one, (await one.users.add("Ann", NOW)).token)
            for _ in range(10):
                ticket = (await one.credentials.ticket(ann, NOW)).ticket
                tries = await asyncio.gather(*(s.credentials.redeem(ticket, NOW) for s in (one, two, one, two)))
                assert sum(t is not None for t in tries) == 1

    asyncio.run(go())


def test_only_hashes_are_stored_and_what_is_long_over_is_deleted(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            ann = await store.users.add("Ann", NOW)
            mine = await bearer(store, ann.token)
            ticket = (await store.credentials.ticket(mine, NOW)).ticket
            gone = await store.credentials.issue(ann.id, "", NOW, DAY, renews=False)
            async with store.database.read() as connection:
                kept = [*(await connection.execute(select(tokens))), *(await connection.execute(select(tickets)))]
            shown = repr(kept)
            assert digest(ticket) in shown
            assert not any(secret in shown for secret in (ann.token, ticket, gone.token))
            await store.credentials.sweep(NOW + DAY + KEPT + SECOND)
            async with store.database.read() as connection:
                assert (await connection.execute(select(tokens.c.id))).scalars().all() == [mine.token]
                assert (await connection.execute(select(tickets))).all() == []

    asyncio.run(go())


def test_whoever_had_a_token_before_there_were_many_still_has_it(tmp_path: object) -> None:
    """And is still a member of their rooms: SQLite makes a table anew to drop a column of it."""

    async def go() -> None:
        url = f"sqlite+aiosqlite:///{tmp_path}/old.db"
        database = Database(url)
        await database.migrate("0021")
        at = "2026-01-05 09:30:00"
        for statement in (
            f"INSERT INTO users (id, name, token_hash, at) VALUES ('u1', 'Ann', '{digest('old')}', '{at}')",
            f"INSERT INTO rooms (id, name, head, at) VALUES ('r1', 'Tea', 0, '{at}')",
            f"INSERT INTO members (room_id, user_id, role, at) VALUES ('r1', 'u1', 'owner', '{at}')",
            f"INSERT INTO invites (code_hash, room_id, role, at) VALUES ('{digest('code')}', 'r1', 'member', '{at}')",
        ):
            async with database._writer.begin() as connection:
                await connection.execute(text(statement))
        await database.migrate()
        await database.close()
        async with opened(url) as store:
            ann = await store.credentials.bearer("old", NOW)
            assert ann is not None
            assert (ann.id, ann.name) == ("u1", "Ann")
            assert await store.invites.role("r1", "code", NOW) == "member"
            async with store.database.read() as connection:
                assert (await connection.execute(select(members.c.user_id))).scalars().all() == ["u1"]

    asyncio.run(go())
