"""Who was in a room when something was said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody came or went, or was given another role, which is logged as coming."""

    seq: int
    person: str
    state: Literal["joined", "left"]


@dataclass(frozen=True, slots=True)
class Membership:
    """`since`: when the person last became a member."""

    person: str
    since: datetime


def present(passages: Sequence[Passage], members: Iterable[Membership], seq: int, at: datetime) -> frozenset[str]:
    """Who read the room when its event `seq` was logged, `at`. `passages`: all of people, oldest first; `members`: those of
    today. Who made the room is in it without a passage. Where the log leaves it open, somebody was not there: an audience
    that is too small keeps more to itself."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for passage in passages:
        if passage.seq <= seq:
            before[passage.person] = passage.state
        else:
            after.setdefault(passage.person, passage.state)
    here = {person for person, state in before.items() if state == "joined"}
    here |= {person for person, state in after.items() if state == "left" and person not in before}
    still = {m.person for m in members if m.person not in before and m.since <= at and after.get(m.person) != "left"}
    return frozenset(here | still)
