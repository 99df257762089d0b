"""Who may do what in a room. The one place that knows: routes, frames and the room itself ask here.

docs/security.md shows the same as a table of every route and frame, and a test holds the service to that table.
"""

from typing import Literal

from app.errors import Forbidden
from conversation.member import Role

Right = Literal["write", "take back", "invite", "judge", "let talk", "see thoughts", "manage"]
"""Everybody in a room may read it. `write`: messages, edits of one's own, reactions, typing. `take back`: what one wrote oneself.
`judge`: verdicts on what an agent did. `let talk`: end a quiet that was asked for in the room. `see thoughts`: thoughts, runs,
labels, prompts. `manage`: the room, its people, its agents, what others wrote."""

RIGHTS: dict[Right, tuple[Role, ...]] = {
    "write": ("owner", "member", "agent"),
    "take back": ("owner", "member", "observer"),
    "invite": ("owner", "member"),
    "judge": ("owner", "member"),
    "let talk": ("owner", "member"),
    "see thoughts": ("owner", "observer"),
    "manage": ("owner",),
}


def may(role: Role | None, right: Right) -> bool:
    """None, and nothing is allowed: not a member."""
    return role in RIGHTS[right]


def allow(role: Role, right: Right, room: str) -> None:
    """Raises Forbidden."""
    if not may(role, right):
        who = " or ".join(f"{r}s" for r in RIGHTS[right] if r != "agent")
        raise Forbidden(f"only {who} may do that; you are {role}", "room", room)
