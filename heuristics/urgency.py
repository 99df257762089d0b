"""Urgency: must it be said now?"""

from conversation.moment import Moment
from conversation.score import Score
from conversation.thought import Thought
from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.scoring import scored

ASKS = "the thought must be said now, because later it would be too late"


def urgency(moment: Moment, thought: Thought, evidence: Evidence, scale: Scale) -> Score:
    """Judged."""
    return scored("urgency", evidence, scale)
