"""One message of a room, as everybody in the room sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

AuthorKind = Literal["human", "agent"]


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a message. `id` is the identity; `name` is decoration and may be forged or shared."""

    id: str
    name: str
    kind: AuthorKind


@dataclass(frozen=True, slots=True)
class Message:
    """`seq` is the position in the room's log (1-based, strictly increasing); `at` is in UTC."""

    id: str
    seq: int
    author: Author
    text: str
    at: datetime
    reply_to: str | None = None
