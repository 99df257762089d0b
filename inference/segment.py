"""What a job wants the model to read next, and what it found there."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from inference.asked import Pair
from inference.tree import ROOT, Tree

if TYPE_CHECKING:
    import torch

    from inference.sampling import Top
    from inference.tape import Tape

T = TypeVar("T")


@dataclass(eq=False)
class Segment:
    """`text` goes on `tape` to stay; the nodes of `tree` from `start` on hang behind it, the earlier ones being read already.
    Where there is no text, ROOT cannot be asked about.

    Wanted: `draws`, nodes after which a token is drawn; `asked`, what comes after which node; `ends`, nodes whose hidden
    states are of use. The answers lie in `tops`, `found` and `hidden` (float32, on the CPU) once all of it is read.
    `halfway`: only the first layers read it, and hidden states are theirs; it is a tree then, as no text goes on behind it.
    """

    tape: "Tape"
    text: Sequence[int] = ()
    tree: Tree = field(default_factory=Tree)
    start: int = 0
    draws: Sequence[int] = ()
    asked: Sequence[Pair] = ()
    ends: Sequence[int] = ()
    halfway: bool = False
    read: int = 0
    """Tokens read so far."""
    tops: "dict[int, Top]" = field(default_factory=dict)
    found: dict[Pair, float] = field(default_factory=dict)
    hidden: "dict[int, torch.Tensor]" = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert not (self.text and self.start), "a text stands before its tree"
        assert not (self.halfway and (self.text or self.draws or self.asked)), (
            "halfway there are hidden states and nothing else"
        )

    def __len__(self) -> int:
        return len(self.text) + len(self.tree) - self.start

    @property
    def left(self) -> int:
        return len(self) - self.read

    def row(self, node: int) -> int:
        """Where among the tokens of this segment `node` stands."""
        assert node >= self.start or (node == ROOT and self.text), node
        return len(self.text) + node - self.start

    def node(self, row: int) -> int:
        return row - len(self.text) + self.start

    def tokens(self, rows: range) -> list[int]:
        texts = self.text[rows.start : rows.stop]
        return [*texts, *self.tree.tokens[self._first(rows) : max(0, self.node(rows.stop))]]

    def positions(self, rows: range) -> list[int]:
        """Distance of each token from the beginning of the text. The text of `rows` is not on the tape yet."""
        base = len(self.tape.tokens)
        texts = len(self.text[rows.start : rows.stop])
        depths = self.tree.depths[self._first(rows) : max(0, self.node(rows.stop))]
        return [*range(base, base + texts), *(base + texts + depth for depth in depths)]

    def _first(self, rows: range) -> int:
        return max(self.start, self.node(rows.start))


class Portion(NamedTuple):
    """The next `tokens` of a segment, to be read in one pass with others."""

    segment: Segment
    tokens: int


Job = Generator[Sequence[Segment], None, T]
"""Work on a model: yields what is to be read, goes on when all of that is read, and returns its result. Closing it frees what
it holds."""
