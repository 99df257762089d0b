"""What a reply may know of people beside the talk."""

from collections.abc import Collection
from dataclasses import dataclass

from conversation.thought import Thought
from memory.saliency import Trace


@dataclass(frozen=True, slots=True)
class Known:
    """What a reply may know of people beside the talk: `items` in order of use, and `summary` of whom it answers, from the items
    `sources`. `decisive`: ids of those of `items` that were said for just such an occasion; `doubtful`: of those that hold on
    some occasions, where it is not clear whether this is one. `made`: ids of all items that may come to mind, so that it is seen
    whether a thought was made of one."""

    items: tuple[Trace, ...] = ()
    summary: Trace | None = None
    made: frozenset[str] = frozenset()
    sources: tuple[Trace, ...] = ()
    decisive: frozenset[str] = frozenset()
    doubtful: frozenset[str] = frozenset()

    @property
    def audiences(self) -> tuple[frozenset[str] | None, ...]:
        """Of all that it shows."""
        return tuple(t.audience for t in (*self.items, *([self.summary] if self.summary else [])))

    def personal(self, thought: Thought) -> bool:
        """Whether something of a person stands behind a reply that says `thought`."""
        return bool(self.items) or self.summary is not None or made_of(thought, self.made)


NOTHING_KNOWN = Known()


def made_of(thought: Thought, items: Collection[str]) -> bool:
    return thought.audience is not None or any(s in items for s in thought.stimuli)
