"""Weighing held thoughts again without the language model, for an agent whose limits are nearly used up."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from conversation.moment import Moment
from conversation.thought import Thought
from heuristics.calibration import Calibration
from heuristics.evidence import Evidence, Rating
from heuristics.facts import facts_of
from heuristics.motivation import motivation, rate
from inference.protocol import Usage
from memory.saliency import Vector, cosine
from thoughts.evaluation import Evaluated, Turn
from thoughts.policy import Policy
from thoughts.prompts import ANYONE

METHOD = "remembered"
"""How such ratings were read: `RunView.method`."""


def reconsider(
    moment: Moment,
    held: Sequence[Thought],
    heard: Mapping[str, Vector],
    named: str | None,
    calibration: Calibration,
    policy: Policy,
) -> Evaluated:
    """`held` rated: what the model once judged is remembered, what the room shows is measured anew. `named`: id of the member
    whom the last message calls."""
    facts, scored = facts_of(moment), []
    for thought in held:
        evidence = Evidence(
            ratings=remembered(thought),
            likeness=max((cosine(thought.embedding, v) for v in heard.values()), default=None),
            facts=facts,
        )
        scores = rate(moment, thought, evidence, calibration)
        drive = motivation(scores, policy.weighing(calibration), policy.silence_growth, policy.silence_cap)
        scored.append(replace(thought, scores=scores, motivation=drive, accessed_seq=moment.trigger.seq))
    scored.sort(key=lambda t: (-(t.motivation or 0.0), t.id))
    return Evaluated(tuple(scored), presumed_turn(named), METHOD, Usage())


def remembered(thought: Thought) -> dict[str, Rating]:
    """The model's last answers about `thought`, by heuristic."""
    return {
        s.heuristic: Rating(s.distribution, s.raw.mass, s.raw.baseline)
        for s in thought.scores
        if s.distribution is not None and s.raw.mass is not None and s.raw.baseline is not None
    }


def presumed_turn(named: str | None) -> Turn:
    """Whose turn it is as far as a rule can tell: whoever is called by name or answered, else anyone's."""
    return Turn({named or ANYONE: 1.0}, named)
