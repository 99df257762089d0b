"""Boosted trees over named numbers: what a few hundred questions about them add up to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MISSING = -1.0
"""In place of a number that is not there; all that are there are 0 or more."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Node i asks whether `feature[i]` is above `threshold[i]` and goes on at 2i+1 (no) or 2i+2 (yes); after the last
    comes the leaf."""

    features: tuple[int, ...]
    thresholds: tuple[float, ...]
    leaves: tuple[float, ...]

    def value(self, row: Sequence[float]) -> float:
        node = 0
        while node < len(self.features):
            node = 2 * node + (2 if row[self.features[node]] > self.thresholds[node] else 1)
        return self.leaves[node - len(self.features)]


@dataclass(frozen=True, slots=True)
class Forest:
    """`names`: of the numbers, in the order of `Tree.features`."""

    names: tuple[str, ...]
    trees: tuple[Tree, ...]

    def value(self, row: Sequence[float]) -> float:
        return sum(tree.value(row) for tree in self.trees)

    def of(self, numbers: Mapping[str, float]) -> float:
        return self.value([numbers.get(name, MISSING) for name in self.names])


def parse(text: str) -> Forest:
    """Raises ValueError or KeyError where `text` is no forest."""
    document = json.loads(text)
    trees = (Tree(tuple(f), tuple(t), tuple(v)) for f, t, v in document["trees"])
    return Forest(tuple(document["features"]), tuple(trees))


def written(names: Sequence[str], trees: Sequence[tuple[Sequence[int], Sequence[float], Sequence[float]]]) -> str:
    return json.dumps({"features": list(names), "trees": trees}) + "\n"
