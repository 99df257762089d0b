"""Filling an information gap: does the thought give what somebody here is missing?"""

from conversation.moment import Moment
from conversation.score import Score
from conversation.thought import Thought
from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.scoring import scored

ASKS = "the thought answers a question or tells somebody what they are missing"


def filling_gap(moment: Moment, thought: Thought, evidence: Evidence, scale: Scale) -> Score:
    """Judged, and measured where the model has a learned reader for it: the logit of "an answer to a question that was asked
    here" against what else was said meanwhile. In the released code of Inner Thoughts, though not among the paper's eight."""
    return scored("filling_gap", evidence, scale, evidence.read.get("filling_gap"))
