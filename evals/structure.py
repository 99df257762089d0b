"""The structural baseline: boosted trees over twelve numbers of the talk, fitted on the train chats by
`python -m training structure`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conversation.moment import Moment
from conversation.standing import talk_of
from conversation.structure import TWELVE, twelve

FILE = Path(__file__).with_name("structure.json")


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


@cache
def forest() -> tuple[Tree, ...]:
    document = json.loads(FILE.read_text(encoding="utf-8"))
    assert document["features"] == list(TWELVE), f"{FILE} was fitted for other features"
    return tuple(Tree(tuple(f), tuple(t), tuple(v)) for f, t, v in document["trees"])


def structural(moment: Moment) -> float:
    """Log-odds, up to a constant, that the agent writes next. The agent must have spoken."""
    messages = moment.transcript.messages
    row = twelve(messages, talk_of(messages, {}, moment.now, (moment.agent.id,)), moment.agent.id)
    return sum(tree.value(row) for tree in forest())
