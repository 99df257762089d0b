"""Many continuations of one text, read in one pass: tokens in a tree, where each sees its ancestors and the shared prefix."""

from collections.abc import Sequence
from dataclasses import dataclass, field

ROOT = -1
"""Stands for the last token of the shared prefix."""


@dataclass
class Tree:
    """Node `i` is `tokens[i]`, comes after node `parents[i]` (or ROOT), and stands `depths[i]` tokens after the prefix, from 0.

    Parents come before their children. The idea is that of SpecInfer (arXiv 2305.09781), used here for reading.
    """

    tokens: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    _grafted: dict[tuple[int, int], int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.tokens)

    def add(self, parent: int, tokens: Sequence[int]) -> int:
        """Append the chain `tokens` after `parent`; returns its last node, or `parent` when there are none."""
        assert ROOT <= parent < len(self.tokens), parent
        for token in tokens:
            self.depths.append(0 if parent == ROOT else self.depths[parent] + 1)
            self.parents.append(parent)
            self.tokens.append(token)
            parent = len(self.tokens) - 1
        return parent

    def graft(self, parent: int, tokens: Sequence[int]) -> int:
        """Like `add`, but goes along nodes that an earlier graft made where the tokens are the same."""
        for token in tokens:
            if (parent, token) not in self._grafted:
                self._grafted[parent, token] = self.add(parent, (token,))
            parent = self._grafted[parent, token]
        return parent

    def path(self, node: int) -> list[int]:
        """`node` and its ancestors, the youngest first."""
        nodes = list[int]()
        while node != ROOT:
            nodes.append(node)
            node = self.parents[node]
        return nodes
