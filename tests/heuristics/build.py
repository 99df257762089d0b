"""Evidence in few words."""

from heuristics.calibration import Scale
from heuristics.evidence import Distribution, Evidence, Rating

ONES: Distribution = (1.0, 0.0, 0.0, 0.0, 0.0)
FLAT: Distribution = (0.2, 0.2, 0.2, 0.2, 0.2)
FIVES: Distribution = (0.0, 0.0, 0.0, 0.0, 1.0)
PLAIN = Scale()


def judged(
    heuristic: str, distribution: Distribution = FLAT, *, baseline: float = 3.0, likeness: float | None = None
) -> Evidence:
    return Evidence({heuristic: Rating(distribution, 0.8, baseline)}, likeness=likeness)
