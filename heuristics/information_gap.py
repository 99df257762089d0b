"""Information gap: is there something here that the agent itself needs to know?"""

from conversation.moment import Moment
from conversation.score import Score
from conversation.thought import Thought
from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.scoring import scored

ASKS = "the thought asks for something you do not know yet and need to know"


def information_gap(moment: Moment, thought: Thought, evidence: Evidence, scale: Scale) -> Score:
    """Judged; of a curiosity thought also measured: what the answer is worth beyond what asking costs."""
    worth = None if thought.question is None else thought.question.worth
    return scored("information_gap", evidence, scale, worth)
