"""What one heuristic says of one thought."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

How = Literal["judged", "measured", "both"]


@dataclass(frozen=True, slots=True)
class Raw:
    """Everything a score was made from, so that it can be made again under another calibration without a model.

    `judged`: the model's expected rating, 1–5, over the normalised digits. `baseline`: the same for the content-free
    thoughts of the same pass. `mass`: probability that the five digits had before normalising, 0–1. `measured`: the
    number computed from the room, in the heuristic's own unit. `facts`: counts of the talk by name (`heuristics.facts`), empty in
    runs stored before there were any.
    """

    judged: float | None = None
    baseline: float | None = None
    mass: float | None = None
    measured: float | None = None
    facts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Score:
    """`value` is 1–5 on the scale of the Inner Thoughts paper (arXiv 2501.00383); `distribution` is over 1..5."""

    heuristic: str
    value: float
    how: How
    distribution: tuple[float, float, float, float, float] | None
    raw: Raw
