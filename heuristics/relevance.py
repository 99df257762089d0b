"""Relevance: does the thought touch what the agent knows, cares about or remembers?"""

from conversation.moment import Moment
from conversation.score import Score
from conversation.thought import Thought
from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.scoring import scored

ASKS = "the thought is about something you know, care about or remember"


def relevance(moment: Moment, thought: Thought, evidence: Evidence, scale: Scale) -> Score:
    """Judged; nearness to an interest of somebody here adds a little (calibration.BUILT_IN)."""
    more = {} if evidence.interest is None else {"interest": evidence.interest}
    return scored("relevance", evidence, scale, more=more)
