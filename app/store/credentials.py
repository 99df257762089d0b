"""Tokens and tickets: what somebody shows to be taken for who they are. Only hashes are stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.keys import IssuedToken, TicketView, TokenView
from app.store.database import Database
from app.store.tables import tickets, tokens, users
from app.store.tokens import digest, new_id, new_secret

LASTS = timedelta(days=90)
TICKET_LASTS = timedelta(seconds=30)
RENEWED = timedelta(days=1)
"""A use puts the end of a token off when it was put off so long ago: one write a day and token."""
REMEMBERED = timedelta(hours=1)
"""How long `lost` tells of a token that was revoked. Every process asks twice a second."""
KEPT = timedelta(days=1)
"""Tokens that ended so long ago are deleted."""


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Bearer(User):
    """Who showed a valid token (or a ticket that was made with it), and until when it is valid."""

    token: str
    expires_at: datetime


class Credentials:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def issue(self, user: str, label: str, at: datetime, lasts: timedelta, renews: bool) -> IssuedToken:
        """The only moment at which the token can be seen."""

        async def work(connection: AsyncConnection) -> IssuedToken:
            return await insert_token(connection, user, label, at, lasts, renews)

        return await self._database.write(work)

    async def bearer(self, token: str, now: datetime) -> Bearer | None:
        """None for a token that is unknown, revoked or over. Using it renews it."""
        return await self._bearer(_BY_HASH, digest(token), now)

    async def still(self, bearer: Bearer, now: datetime) -> Bearer | None:
        """The same, for a token that was shown before."""
        return await self._bearer(_BY_ID, bearer.token, now)

    async def ticket(self, bearer: Bearer, now: datetime) -> TicketView:
        view = TicketView(ticket=new_secret(), expires_at=now + TICKET_LASTS)

        async def work(connection: AsyncConnection) -> None:
            row = {"hash": digest(view.ticket), "token_id": bearer.token, "expires_at": view.expires_at}
            await connection.execute(insert(tickets).values(row))

        await self._database.write(work)
        return view

    async def redeem(self, ticket: str, now: datetime) -> Bearer | None:
        """Works once, whoever else tries at the same moment and on whichever process."""

        async def work(connection: AsyncConnection) -> str | None:
            used = (
                delete(tickets)
                .where(tickets.c.hash == digest(ticket))
                .returning(tickets.c.token_id, tickets.c.expires_at)
            )
            row = (await connection.execute(used)).first()
            return row.token_id if row is not None and row.expires_at > now else None

        token = await self._database.write(work)
        return None if token is None else await self._bearer(_BY_ID, token, now)

    async def of_user(self, user: str, current: str, now: datetime) -> tuple[TokenView, ...]:
        """Those that are valid, oldest first."""
        query = select(tokens).where(tokens.c.user_id == user, *_valid(now)).order_by(tokens.c.at, tokens.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            TokenView(
                id=row.id,
                label=row.label,
                at=row.at,
                expires_at=row.expires_at,
                renews=row.lasts is not None,
                current=row.id == current,
            )
            for row in rows
        )

    async def revoke(self, user: str, token: str | None, now: datetime, but: str | None = None) -> tuple[str, ...]:
        """Ids of what is no longer valid from now on: `token`, or with None all of the person's, except `but`."""
        which = [tokens.c.user_id == user, tokens.c.revoked_at.is_(None), tokens.c.expires_at > now]
        which += [tokens.c.id == token] if token is not None else []
        which += [tokens.c.id != but] if but is not None else []

        async def work(connection: AsyncConnection) -> tuple[str, ...]:
            gone = update(tokens).where(*which).values(revoked_at=now).returning(tokens.c.id)
            ids = tuple((await connection.execute(gone)).scalars())
            await connection.execute(delete(tickets).where(tickets.c.token_id.in_(ids)))
            return ids

        return await self._database.write(work)

    async def lost(self, now: datetime) -> frozenset[str]:
        """Ids of tokens that were revoked within the last hour, whatever the clock of whoever did it is off by."""
        query = select(tokens.c.id).where(tokens.c.revoked_at > now - REMEMBERED)
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def sweep(self, now: datetime) -> None:
        """Deletes what has long been of no use."""

        async def work(connection: AsyncConnection) -> None:
            over = or_(tokens.c.expires_at < now - KEPT, tokens.c.revoked_at < now - KEPT)
            await connection.execute(delete(tokens).where(over))
            await connection.execute(delete(tickets).where(tickets.c.expires_at < now))

        await self._database.write(work)

    async def _bearer(self, query: Select[Any], key: str, now: datetime) -> Bearer | None:
        rows = await self._database.glance(query, {"key": key})
        if not rows:
            return None
        user, name, token, ends, lasts = rows[0]
        if ends <= now:
            return None
        if lasts is not None and (later := now + timedelta(seconds=lasts)) - ends >= RENEWED:
            ends = later
            await self._renew(token, ends, now)
        return Bearer(user, name, token, ends)

    async def _renew(self, token: str, ends: datetime, now: datetime) -> None:
        async def work(connection: AsyncConnection) -> None:
            put_off = update(tokens).where(tokens.c.id == token, *_valid(now)).values(expires_at=ends)
            await connection.execute(put_off)

        await self._database.write(work)


def _who(key: ColumnElement[Any]) -> Select[Any]:
    """Built once: everybody who comes back asks for it."""
    return (
        select(users.c.id, users.c.name, tokens.c.id.label("token"), tokens.c.expires_at, tokens.c.lasts)
        .join(users, users.c.id == tokens.c.user_id)
        .where(key == bindparam("key"), tokens.c.revoked_at.is_(None))
    )


_BY_HASH = _who(tokens.c.hash)
_BY_ID = _who(tokens.c.id)


def _valid(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return tokens.c.revoked_at.is_(None), tokens.c.expires_at > now


async def insert_token(
    connection: AsyncConnection, user: str, label: str, at: datetime, lasts: timedelta, renews: bool
) -> IssuedToken:
    issued = IssuedToken(id=new_id(), token=new_secret(), expires_at=at + lasts)
    row = {"id": issued.id, "hash": digest(issued.token), "user_id": user, "label": label, "at": at}
    span = {"expires_at": issued.expires_at, "lasts": int(lasts.total_seconds()) if renews else None}
    await connection.execute(insert(tokens).values(row | span))
    return issued
