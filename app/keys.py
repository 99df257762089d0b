"""What is on the wire about keys: tokens, tickets and invites. Each is shown once, when it is made, and kept as a hash."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.protocol import NO_NUL, Id, Role, Wire

Secret = Annotated[str, Field(min_length=1, max_length=256, pattern=NO_NUL)]
Time = Annotated[datetime, Field(strict=False)]


class UserView(Wire):
    """A new person. `token` is who they are: keep it. It ends at `expires_at`, and every use puts that off."""

    id: Id
    name: str
    token: str
    expires_at: Time


class NewToken(Wire):
    """Another token of the caller: for another device, or for a script."""

    label: Annotated[str, Field(max_length=64, pattern=NO_NUL)] = ""
    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """It ends after so many days, used or not; null: like the one of a new person, which every use renews."""


class IssuedToken(Wire):
    id: Id
    token: str
    expires_at: Time


class TokenView(Wire):
    """`renews`: every use puts its end off. `current`: the one that asked."""

    id: Id
    label: str
    at: Time
    expires_at: Time
    renews: bool
    current: bool


class TokenListView(Wire):
    tokens: list[TokenView]


class TicketView(Wire):
    """Good for the first `hello` of one websocket, until `expires_at`."""

    ticket: str
    expires_at: Time


class NewInvite(Wire):
    role: Literal["member", "observer"] = "member"
    days: Annotated[int, Field(ge=1, le=365)] = 7
    """After which the code lets nobody in any more."""


class InviteView(Wire):
    invite: str
    room: Id
    role: Role
    expires_at: Time
