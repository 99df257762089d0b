"""Silence: how long has the agent been quiet?"""

from conversation.moment import Moment
from conversation.score import Score
from conversation.thought import Thought
from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.scoring import scored


def silence(moment: Moment, thought: Thought, evidence: Evidence, scale: Scale) -> Score:
    """Measured in messages by others since the agent spoke. It enters motivation as a factor, not as a term: see
    `motivation.growth`."""
    return scored("silence", evidence, scale, float(moment.silent_turns))
