"""One thing that an agent remembers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ItemKind = Literal["claim", "fact", "preference", "correction", "event"]
"""`claim`: said of the world, and it may be wrong. `fact` and `preference`: said of oneself. `event`: what happened.
`correction`: what an agent answered to a claim."""
LASTING: frozenset[ItemKind] = frozenset({"fact", "preference"})
"""Said of what somebody is like, and it holds until it changes; which of the two it is makes no difference then."""
Recollection = Literal["semantic", "episodic"]


@dataclass(frozen=True, slots=True)
class Memory:
    """A background memory that the agent's owner gave it. `accessed_seq`: the room's seq when it last came to mind."""

    id: str
    text: str
    accessed_seq: int = 0
    weight: float = 1.0

    @property
    def audience(self) -> None:
        """It is part of the agent, like its persona: everybody's."""


class UnsourcedError(ValueError):
    """An item that names no message it came from. There is no such item."""

    def __init__(self, text: str) -> None:
        super().__init__(f"an item needs the messages that it came from: {text!r}")
        self.text = text


@dataclass(frozen=True, slots=True)
class Item:
    """What `by` said in `room` at `at`, kept in the profile of `subject`: the same person, but for a correction, which an agent
    said of one of the subject's claims. Nobody's words become an item of somebody else.

    `sources`: ids of the messages that it came from, all by `by`; never none, or UnsourcedError. `audience`: ids of the people
    who were there; `public`: the subject has opened it to everybody. `since` and `until`: when it held; None while it does.
    `circumstance`: under which it holds, as a model put it; empty where it holds always, says so beyond doubt, or nobody asked.
    `replaces`: ids of older items whose value this one is the newer of. `corrects`: id of the claim. `edited`: the subject put
    the words right, and no inference changes them. `embedding`: of `text`, unit length; empty before it was placed."""

    id: str
    kind: ItemKind
    text: str
    subject: str
    by: str
    room: str
    at: datetime
    sources: tuple[str, ...]
    audience: frozenset[str]
    since: datetime
    until: datetime | None = None
    confidence: float = 1.0
    public: bool = False
    edited: bool = False
    circumstance: str = ""
    replaces: tuple[str, ...] = ()
    corrects: str | None = None
    embedding: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.sources:
            raise UnsourcedError(self.text)
        assert (self.by == self.subject) == (self.kind != "correction"), (self.kind, self.by, self.subject)
        assert (self.corrects is None) == (self.kind != "correction"), (self.kind, self.corrects)
        assert self.subject in self.audience, (self.subject, self.audience)
        assert 0.0 <= self.confidence <= 1.0, self.confidence

    @property
    def memory(self) -> Recollection:
        """Which of the two memories it belongs to: what a person is like, or what happened."""
        return "episodic" if self.kind == "event" else "semantic"
