"""Who may hear what an agent remembers: the one rule that everything from memory to a model passes."""

from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

from conversation.member import Member

T = TypeVar("T", bound="Heard")


class Heard(Protocol):
    """Something that was said before `audience`, or is `public`."""

    @property
    def audience(self) -> frozenset[str]: ...
    @property
    def public(self) -> bool: ...


class LeakError(AssertionError):
    """Something was about to reach people who were not there when it was said: whoever sees this has found a bug."""


def people(members: Iterable[Member]) -> frozenset[str]:
    """Ids of those who read the room, observers too; agents are not anybody's audience."""
    return frozenset(m.id for m in members if m.role != "agent")


def admissible(item: Heard, present: Collection[str]) -> bool:
    """Whether everybody of `present` was there, or the subject opened it to everybody. Before an empty room nothing is said:
    who comes next would read it."""
    return bool(present) and (item.public or item.audience.issuperset(present))


def admitted(items: Iterable[T], present: Collection[str]) -> tuple[T, ...]:
    return tuple(item for item in items if admissible(item, present))


def ensure_admissible(items: Iterable[Heard], present: Collection[str]) -> None:
    """Raises LeakError, which names no words."""
    for item in items:
        if not admissible(item, present):
            missing = sorted(set(present) - item.audience)
            raise LeakError(f"not said before {missing!r}")


def common(audiences: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """Who was there for all of them: the audience of what is made from them. None stands for everybody, as in an empty list."""
    known = [a for a in audiences if a is not None]
    return frozenset.intersection(*known) if known else None
