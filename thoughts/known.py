"""What a reply may know of people beside the talk."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from conversation.thought import Thought
from inference.prompt import one_line
from memory.saliency import Trace
from memory.scope import Scope


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The `statement` of an item that holds on some occasions only, as it was said, the probability that it `holds` on this one,
    and `when` it does: "now: at work", "not: at work"."""

    trace: Trace
    statement: str
    holds: float
    when: str = ""


def told_when(circumstance: Scope) -> str:
    """`when` of a statement that holds within `circumstance`, or but there."""
    return f"{'now' if circumstance.holds else 'not'}: {one_line(circumstance.words)}"


@dataclass(frozen=True, slots=True)
class Known:
    """What a reply may know of people beside the talk: `items` in order of use, and `summary` of whom it answers, from the items
    `sources`. `decisive`: ids of those of `items` that were said for just such an occasion. `narrowed`: all that whom it answers
    said of some occasions, and that a choice is weighed by; no reply is shown what holds on others alone. `made`: ids of all
    items that may come to mind, so that it is seen whether a thought was made of one."""

    items: tuple[Trace, ...] = ()
    summary: Trace | None = None
    made: frozenset[str] = frozenset()
    sources: tuple[Trace, ...] = ()
    decisive: frozenset[str] = frozenset()
    narrowed: tuple[Narrowed, ...] = ()

    @property
    def audiences(self) -> tuple[frozenset[str] | None, ...]:
        """Of all that it shows, or is weighed by."""
        summary = [self.summary] if self.summary else []
        return tuple(t.audience for t in (*self.items, *summary, *(n.trace for n in self.narrowed)))

    def personal(self, thought: Thought) -> bool:
        """Whether something of a person stands behind a reply that says `thought`."""
        stands = self.items or self.narrowed or self.summary is not None
        return bool(stands) or made_of(thought, self.made)

    def unweighed(self) -> "Known":
        """The same where nothing is weighed."""
        return replace(self, narrowed=())

    def without(self, ids: Collection[str]) -> "Known":
        """The same without the items `ids`."""
        return replace(
            self, items=tuple(t for t in self.items if t.id not in ids), decisive=self.decisive.difference(ids)
        )


NOTHING_KNOWN = Known()


def made_of(thought: Thought, items: Collection[str]) -> bool:
    return thought.audience is not None or any(s in items for s in thought.stimuli)
