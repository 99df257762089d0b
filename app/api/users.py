"""Users: registering, and who I am."""

from fastapi import APIRouter

from app.api.access import Caller, Here
from app.errors import Forbidden
from app.protocol import InfoView, MeView, NewUser, UserView

router = APIRouter(tags=["users"])


@router.post("/users", status_code=201)
async def register(new: NewUser, parts: Here) -> UserView:
    """Open to everybody where the server says so. The token is shown once."""
    if not parts.settings.registration_open:
        raise Forbidden("registration is closed on this server")
    return await parts.store.users.add(new.name.strip(), parts.clock.now())


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
