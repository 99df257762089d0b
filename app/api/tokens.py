"""Tokens and tickets: the keys of the caller."""

from datetime import timedelta

from fastapi import APIRouter

from app.api.access import Caller, Here
from app.errors import NotFound
from app.keys import IssuedToken, NewToken, TicketView, TokenListView
from app.protocol import Id

router = APIRouter(tags=["tokens"])


@router.post("/tokens", status_code=201)
async def issue(new: NewToken, parts: Here, caller: Caller) -> IssuedToken:
    """Another token of the caller's, shown once."""
    lasts = timedelta(days=new.days or parts.settings.token_days)
    return await parts.store.credentials.issue(caller.id, new.label, parts.clock.now(), lasts, renews=new.days is None)


@router.get("/tokens")
async def mine(parts: Here, caller: Caller) -> TokenListView:
    """Those of the caller that are valid, oldest first; not the secrets."""
    return TokenListView(tokens=list(await parts.store.credentials.of_user(caller.id, caller.token, parts.clock.now())))


@router.delete("/tokens", status_code=204)
async def revoke_others(parts: Here, caller: Caller) -> None:
    """All of the caller's but the one that asks. Their websockets are closed within two seconds, in every process."""
    credentials, now = parts.store.credentials, parts.clock.now()
    parts.sessions.revoked(await credentials.revoke(caller.id, None, now, but=caller.token))


@router.delete("/tokens/{token}", status_code=204)
async def revoke(token: Id, parts: Here, caller: Caller) -> None:
    """One of the caller's, by its id; `current` is the one that asks."""
    wanted = caller.token if token == "current" else token
    gone = await parts.store.credentials.revoke(caller.id, wanted, parts.clock.now())
    if not gone:
        raise NotFound("you have no such token", "token", token)
    parts.sessions.revoked(gone)


@router.post("/tickets", status_code=201)
async def ticket(parts: Here, caller: Caller) -> TicketView:
    """For the first `hello` of one websocket, so that the token itself is never sent over it."""
    return await parts.store.credentials.ticket(caller, parts.clock.now())
