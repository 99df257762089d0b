"""Users: registering, and who I am."""

from datetime import timedelta

from fastapi import APIRouter, Request

from app.api.access import Caller, Here, address
from app.errors import Forbidden
from app.keys import UserView
from app.protocol import InfoView, MeView, NewUser
from app.rates import REGISTRATIONS
from app.settings import LOOPBACK

router = APIRouter(tags=["users"])


@router.post("/users", status_code=201)
async def register(new: NewUser, parts: Here, request: Request) -> UserView:
    """Open to everybody where the server says so. The token is shown once."""
    if not parts.settings.registration_open:
        raise Forbidden("registration is closed on this server")
    if (whence := address(request)) not in LOOPBACK:
        parts.meter.take("new people from one address", whence, REGISTRATIONS, parts.clock.tick())
    lasts = timedelta(days=parts.settings.token_days)
    return await parts.store.users.add(new.name.strip(), parts.clock.now(), lasts)


@router.get("/me")
async def me(caller: Caller) -> MeView:
    return MeView(id=caller.id, name=caller.name)


@router.get("/info")
async def info(parts: Here) -> InfoView:
    """What the page shows of this server before anybody has a token."""
    return InfoView(
        model=parts.engine.model.name,
        model_status=parts.engine.status(),
        tiny=parts.settings.model == "tiny",
        registration_open=parts.settings.registration_open,
    )
