"""Originality: is the thought new here?"""

from conversation.moment import Moment
from conversation.score import Score
from conversation.thought import Thought
from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.scoring import scored

ASKS = "the thought brings something that nobody in this chat has said yet"


def originality(moment: Moment, thought: Thought, evidence: Evidence, scale: Scale) -> Score:
    """Judged, and measured as one minus the largest cosine between the thought and what was said lately."""
    return scored("originality", evidence, scale, None if evidence.likeness is None else 1.0 - evidence.likeness)
