"""Who holds the floor right now, beyond what the log shows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Floor:
    """`typing`: ids of members with an open typing signal. `quiet_for`: seconds since the last message or typing."""

    typing: frozenset[str] = frozenset()
    quiet_for: float = 0.0
