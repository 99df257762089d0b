"""The ten, and how they combine into one motivation to speak."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import exp

from conversation.moment import Moment
from conversation.score import How, Score
from conversation.thought import Thought
from heuristics import (
    balance,
    coherence,
    dynamics,
    expected_impact,
    filling_gap,
    information_gap,
    originality,
    relevance,
    silence,
    urgency,
)
from heuristics.calibration import HIGHEST, LOWEST, NEUTRAL, Calibration, Scale, clamp
from heuristics.evidence import Evidence
from heuristics.facts import facts_of


@dataclass(frozen=True, slots=True)
class Heuristic:
    """`label`: the one word that stands for it in a prompt, a token for most models. `asks`: what a model is told that a rating
    of 5 means; empty where no model is asked."""

    name: str
    title: str
    label: str
    how: How
    asks: str
    score: Callable[[Moment, Thought, Evidence, Scale], Score]


HEURISTICS = (
    Heuristic("relevance", "Relevance", "Matters", "judged", relevance.ASKS, relevance.relevance),
    Heuristic(
        "information_gap", "Information gap", "Need", "judged", information_gap.ASKS, information_gap.information_gap
    ),
    Heuristic("filling_gap", "Filling a gap", "Help", "both", filling_gap.ASKS, filling_gap.filling_gap),
    Heuristic(
        "expected_impact", "Expected impact", "Impact", "judged", expected_impact.ASKS, expected_impact.expected_impact
    ),
    Heuristic("urgency", "Urgency", "Now", "judged", urgency.ASKS, urgency.urgency),
    Heuristic("coherence", "Coherence", "Fit", "both", coherence.ASKS, coherence.coherence),
    Heuristic("originality", "Originality", "New", "both", originality.ASKS, originality.originality),
    Heuristic("balance", "Balance", "Fair", "both", balance.ASKS, balance.balance),
    Heuristic("dynamics", "Dynamics", "Moment", "both", dynamics.ASKS, dynamics.dynamics),
    Heuristic("silence", "Silence", "Quiet", "measured", "", silence.silence),
)
JUDGED = tuple(h for h in HEURISTICS if h.asks)


def rate(moment: Moment, thought: Thought, evidence: Evidence, calibration: Calibration) -> tuple[Score, ...]:
    """Ten scores, in the order of HEURISTICS."""
    return tuple(h.score(moment, thought, evidence, calibration.scale(h.name)) for h in HEURISTICS)


def unthought(moment: Moment, calibration: Calibration) -> tuple[Score, ...]:
    """Ten scores of a moment without a thought: what is counted from the talk alone. No model is asked."""
    nothing = Thought("-", moment.agent.id, "system1", "", (), moment.trigger.seq, moment.now)
    return rate(moment, nothing, Evidence(facts=facts_of(moment)), calibration)


def recalibrated(scores: Iterable[Score], calibration: Calibration) -> tuple[Score, ...]:
    """The same raw numbers under another calibration; no model is asked."""
    return tuple(
        Score(s.heuristic, calibration.scale(s.heuristic).value(s.raw), s.how, s.distribution, s.raw) for s in scores
    )


def growth(silent_turns: float, factor: float, cap: int) -> float:
    """The silence term of Inner Thoughts: `factor` to the power of the silent turns, which stop counting at `cap`."""
    return float(factor ** min(silent_turns, cap))


def motivation(scores: Iterable[Score], calibration: Calibration, silence_growth: float, silence_cap: int) -> float:
    """1–5. By weights of a mean (`bias` None): the weighted mean of the nine, times the silence term (arXiv 2501.00383,
    evaluation stage). By weights of log-odds: how much likelier than usual somebody in the agent's place would speak here, as
    1 + 4·odds / (1 + odds), the silence term a factor on the odds; 3 is as likely as usual, and no two odds are the same."""
    found = tuple(scores)
    turns = next((s.raw.measured or 0.0 for s in found if s.heuristic == "silence"), 0.0)
    grown = growth(turns, silence_growth, silence_cap)
    if calibration.bias is not None:
        return _by_odds(found, calibration.weights, calibration.bias, grown)
    return clamp(_mean(found, calibration.weights) * grown)


def _by_odds(scores: Iterable[Score], weights: Mapping[str, float], bias: float, grown: float) -> float:
    odds = grown * exp(bias + sum(weights[s.heuristic] * (s.value - NEUTRAL) for s in scores))
    return LOWEST + (HIGHEST - LOWEST) * odds / (1 + odds)


def _mean(scores: Iterable[Score], weights: Mapping[str, float]) -> float:
    nine = [(weights[s.heuristic], s.value) for s in scores if s.heuristic != "silence"]
    total = sum(weight for weight, _ in nine)
    return sum(weight * value for weight, value in nine) / total if total else NEUTRAL
