"""Dynamics: is the floor free, or do others want it?"""

from itertools import pairwise

from conversation.moment import Moment
from conversation.score import Score
from conversation.thought import Thought
from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.scoring import scored

ASKS = "now is a good moment to speak, and the thought would not cut anybody off"

PAUSE = 10.0
"""Seconds of quiet after which the floor counts as wholly free; the pause of the Inner Thoughts trigger."""
DUET = 4
"""Messages at the end of the talk that make an exchange between two people when they alternate."""
DUETS = 0.5
"""What is left of the floor meanwhile."""


def dynamics(moment: Moment, thought: Thought, evidence: Evidence, scale: Scale) -> Score:
    """Measured and judged. Maps of the talk were fitted on who speaks with whom, so beside them an exchange of two others does
    not count once more: that cost 0.002 of AUC on train chats."""
    free = freedom(moment)
    return scored("dynamics", evidence, scale, free if scale.maps or not in_duet(moment) else free * DUETS)


def freedom(moment: Moment) -> float:
    """0 (taken) to 1 (free): grows with quiet, falls with everybody who is typing."""
    typists = len(moment.floor.typing - {moment.agent.id})
    quiet = 0.5 + 0.5 * min(1.0, moment.floor.quiet_for / PAUSE)
    return quiet / (1 + typists)


def in_duet(moment: Moment) -> bool:
    """Whether the last four messages alternate between two members other than the agent."""
    authors = [m.author.id for m in moment.transcript.tail(DUET)]
    return (
        len(authors) == DUET
        and len(set(authors)) == 2
        and moment.agent.id not in authors
        and all(a != b for a, b in pairwise(authors))
    )
