"""Who is in a room, and as what."""

from dataclasses import dataclass
from typing import Literal

from conversation.message import Author

Role = Literal["owner", "member", "observer", "agent"]


@dataclass(frozen=True, slots=True)
class Member:
    id: str
    name: str
    role: Role

    def as_author(self) -> Author:
        return Author(self.id, self.name, "agent" if self.role == "agent" else "human")

    @property
    def speaks(self) -> bool:
        """Observers read; everybody else may hold the turn."""
        return self.role != "observer"
