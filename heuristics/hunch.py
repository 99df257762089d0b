"""A hunch: what a forest and a few small networks found in real chats beyond one map a fact, as log-odds. Both are asked about
the facts of the talk and about the scene (`conversation.scene`), networks about the last messages too; their mean is taken.
Networks say only what maps leave. The forest says all that it knows, and what maps say of the same is taken from it."""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conversation.events import EVENT, STEPS, Event
from heuristics.calibration import Curve, along
from heuristics.forest import MISSING, Forest, Tree
from heuristics.net import Nets

Floats = NDArray[np.floating[Any]]
REACH = 1.7
"""Where a network sees the lowest and the highest number of a name, as if they had a spread of about one."""


@dataclass(frozen=True, slots=True)
class Hunch:
    """`forest` names the numbers; none that is there is below 0. `knots`: for each of them the quantiles that networks see it
    by. `maps`, `bias`: what one map a fact says of the numbers, in log-odds."""

    forest: Forest
    knots: tuple[tuple[float, ...], ...]
    nets: Nets
    maps: Mapping[str, Curve]
    bias: float

    def of(self, numbers: Mapping[str, float], events: Sequence[Event]) -> float:
        """`events`: the last STEPS at most."""
        row = [numbers.get(name, MISSING) for name in self.forest.names]
        numbered = np.array([[_place(x, own) for x, own in zip(row, self.knots, strict=True)]])
        read = self.nets.of(padded(events)[None], numbered)
        mapped = sum(along(curve, numbers[name]) for name, curve in self.maps.items() if name in numbers) + self.bias
        return (self.forest.value(row) - mapped + float(read[0])) / 2


def padded(events: Sequence[Event]) -> Floats:
    """float[STEPS, EVENT]; nothing happened before the first."""
    found = np.zeros((STEPS, len(EVENT)))
    if events:
        found[-len(events) :] = events
    return found


def placed(rows: Floats, knots: Sequence[Sequence[float]]) -> Floats:
    """Each number by its place among the quantiles of its name, from -REACH to REACH; 0 where there is one knot only.
    `rows`: float[row, name]."""
    found = np.zeros(rows.shape)
    for column, own in enumerate(knots):
        if len(own) > 1:
            found[:, column] = np.interp(rows[:, column], own, np.linspace(-REACH, REACH, len(own)))
    return found


def _place(x: float, own: Sequence[float]) -> float:
    """As `placed`, of one number: a row of them is sooner done so."""
    after = bisect_right(own, x)
    if len(own) < 2 or after in (0, len(own)):
        return 0.0 if len(own) < 2 else REACH if after else -REACH
    part = (x - own[after - 1]) / (own[after] - own[after - 1])
    return REACH * (2 * (after - 1 + part) / (len(own) - 1) - 1)


def parse(text: str) -> Hunch:
    """Raises ValueError, KeyError or TypeError where `text` is no hunch."""
    document = json.loads(text)
    trees = tuple(Tree(tuple(f), tuple(t), tuple(v)) for f, t, v in document["trees"])
    nets = Nets(**{name: np.array(values) for name, values in document["nets"].items()})
    maps = {name: tuple((x, y) for x, y in curve) for name, curve in document["maps"].items()}
    knots = tuple(map(tuple, document["knots"]))
    return Hunch(Forest(tuple(document["features"]), trees), knots, nets, maps, float(document["bias"]))


def written(hunch: Hunch) -> str:
    document = {
        "features": hunch.forest.names,
        "trees": [(t.features, t.thresholds, t.leaves) for t in hunch.forest.trees],
        "knots": hunch.knots,
        "maps": hunch.maps,
        "bias": hunch.bias,
        "nets": {name: np.round(values, 4).tolist() for name, values in asdict(hunch.nets).items()},
    }
    return json.dumps(document) + "\n"
