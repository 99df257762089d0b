"""Balance: does everybody get a share of the talk?"""

from conversation.moment import Moment
from conversation.score import Score
from conversation.thought import Thought
from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.scoring import scored

ASKS = "saying the thought would keep the chat fair, so that everybody gets a share"

WINDOW = 20


def balance(moment: Moment, thought: Thought, evidence: Evidence, scale: Scale) -> Score:
    """Measured and judged."""
    return scored("balance", evidence, scale, fairness(moment))


def fairness(moment: Moment) -> float:
    """The agent's equal share of the last 20 messages less the share it had; −1 to 1, above 0 when it spoke less than its
    due. Those who said nothing lately do not count as sharing."""
    speakers = set(moment.transcript.speakers(WINDOW)) | {moment.agent.id}
    return 1 / len(speakers) - moment.transcript.share(moment.agent.id, WINDOW)
