"""Coherence: does the thought fit as the next thing said?"""

from conversation.moment import Moment
from conversation.score import Score
from conversation.thought import Thought
from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.scoring import scored

ASKS = "the thought follows from the last messages and fits as the next thing said"


def coherence(moment: Moment, thought: Thought, evidence: Evidence, scale: Scale) -> Score:
    """Judged, and measured: by the model's learned reader where it has one (the logit of "a reply that came here" against a
    message of another chat), else as how much the talk raises the thought's log-probability, nats per √token. The talk makes
    a fitting thought likelier than it is by itself, and the root keeps long thoughts from winning by length."""
    return scored("coherence", evidence, scale, evidence.read.get("coherence", evidence.gain))
