"""What a decision was made from, beside the thoughts and the calibration."""

from dataclasses import dataclass

from thoughts.evaluation import Turn
from thoughts.footing import Footing
from thoughts.policy import Policy


@dataclass(frozen=True, slots=True)
class Basis:
    """Stored with the run, whole: from it and the run's thoughts the decision can be made again. A field that is added to one
    of the three needs a default under which older runs decide as they did."""

    footing: Footing
    turn: Turn
    policy: Policy
