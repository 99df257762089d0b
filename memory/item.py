"""One thing that an agent remembers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Memory:
    """A background memory that the agent's owner gave it. `accessed_seq`: the room's seq when it last came to mind."""

    id: str
    text: str
    accessed_seq: int = 0
    weight: float = 1.0
