"""Many continuations of one text, read in one pass: tokens in a tree, where each sees its ancestors and the shared prefix."""

from collections.abc import Sequence
from dataclasses import dataclass, field

ROOT = -1
"""Stands for the last token of the shared prefix."""


@dataclass
class Tree:
    """Node `i` is `tokens[i]`, comes after node `parents[i]` (or ROOT), and stands `depths[i]` tokens after the prefix, from 0.
    It does not see the last `cuts[i]` tokens of the prefix, and stands as much nearer to the front.

    Parents come before their children. The idea is that of SpecInfer (arXiv 2305.09781), used here for reading.
    """

    tokens: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    _grafted: dict[tuple[int, int, int], int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.tokens)

    def add(self, parent: int, tokens: Sequence[int], cut: int = 0) -> int:
        """Append the chain `tokens` after `parent`; returns its last node, or `parent` when there are none. `cut`: after ROOT,
        how many of the last tokens of the prefix the chain does not see."""
        assert ROOT <= parent < len(self.tokens), parent
        for token in tokens:
            self.depths.append(-cut if parent == ROOT else self.depths[parent] + 1)
            self.cuts.append(cut if parent == ROOT else self.cuts[parent])
            self.parents.append(parent)
            self.tokens.append(token)
            parent = len(self.tokens) - 1
        return parent

    def graft(self, parent: int, tokens: Sequence[int], cut: int = 0) -> int:
        """Like `add`, but goes along nodes that an earlier graft made where the tokens are the same."""
        for token in tokens:
            if (parent, token, cut) not in self._grafted:
                self._grafted[parent, token, cut] = self.add(parent, (token,), cut)
            parent, cut = self._grafted[parent, token, cut], 0
        return parent

    def path(self, node: int) -> list[int]:
        """`node` and its ancestors, the youngest first."""
        nodes = list[int]()
        while node != ROOT:
            nodes.append(node)
            node = self.parents[node]
        return nodes


def shared_length(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two sequences have in common at their start."""
    for n, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return n
    return min(len(one), len(other))
