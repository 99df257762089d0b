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


def may_hear(audience: frozenset[str] | None, present: Collection[str]) -> bool:
    """Whether everybody of `present` is of `audience`, which is None for everybody. Before an empty room nothing is said that
    not everybody may hear: who comes next would read it."""
    return audience is None or (bool(present) and audience.issuperset(present))


def reach(item: Heard) -> frozenset[str] | None:
    """Who may hear it; None for everybody."""
    return None if item.public else item.audience


def admissible(item: Heard, present: Collection[str]) -> bool:
    """Whether everybody of `present` was there, or the subject opened it to everybody."""
    return may_hear(reach(item), present)


def admitted(items: Iterable[T], present: Collection[str]) -> tuple[T, ...]:
    return tuple(item for item in items if admissible(item, present))


def ensure_heard(audiences: Iterable[frozenset[str] | None], present: Collection[str]) -> None:
    """Raises LeakError, which names no words."""
    for audience in audiences:
        if not may_hear(audience, present):
            raise LeakError(f"not said before {sorted(set(present) - (audience or set())) or 'an empty room'!r}")


def common(audiences: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """Who was there for all of them: the audience of what is made from them. None stands for everybody, as in an empty list."""
    known = [a for a in audiences if a is not None]
    return frozenset.intersection(*known) if known else None
