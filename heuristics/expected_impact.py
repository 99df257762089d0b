"""Expected impact: would the thought move the talk?"""

from conversation.moment import Moment
from conversation.score import Score
from conversation.thought import Thought
from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.scoring import scored

ASKS = "saying the thought would change where the chat goes or what people do"


def expected_impact(moment: Moment, thought: Thought, evidence: Evidence, scale: Scale) -> Score:
    """Judged."""
    return scored("expected_impact", evidence, scale)
