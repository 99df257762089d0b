"""What the models gave for one thought: the only outside input of a heuristic beside the moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Distribution = tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Rating:
    """The model's answer to one heuristic's question. `distribution` is over 1..5 and sums to 1; `mass` is what the five
    digits had before normalising; `baseline` is the expected rating of content-free thoughts in the same pass."""

    distribution: Distribution
    mass: float
    baseline: float

    @property
    def expected(self) -> float:
        return sum(i * p for i, p in enumerate(self.distribution, start=1))


@dataclass(frozen=True, slots=True)
class Evidence:
    """`ratings` by heuristic. `gain`: log-probability of the thought given the talk less that without it, nats per square
    root of a token. `likeness`: largest cosine between the thought and what was said lately. None: the engine has none.
    `read`: by heuristic, the logit of a learned head (heuristics.reader), where the model has one. `facts`: of the
    talk and of where the agent stands in it, by name (heuristics.facts). `interest`: largest cosine of the thought with what
    somebody here keeps coming back to; None where nothing is known."""

    ratings: Mapping[str, Rating] = field(default_factory=dict)
    gain: float | None = None
    likeness: float | None = None
    read: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, float] = field(default_factory=dict)
    interest: float | None = None
