"""From raw numbers to a Score: the part that all ten share."""

from collections.abc import Mapping

from conversation.score import How, Raw, Score
from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.facts import FACTS

NONE: Mapping[str, float] = {}


def scored(
    heuristic: str,
    evidence: Evidence,
    scale: Scale,
    measured: float | None = None,
    more: Mapping[str, float] = NONE,
) -> Score:
    """`more`: facts beside those of the talk. `how` says what was really there: a heuristic whose rating failed to come is only
    measured, and the reverse."""
    rating = evidence.ratings.get(heuristic)
    facts = {name: round(evidence.facts[name], 6) for name in FACTS.get(heuristic, ()) if name in evidence.facts}
    facts |= {name: round(value, 6) for name, value in more.items()}
    raw = Raw(
        judged=None if rating is None else rating.expected,
        baseline=None if rating is None else rating.baseline,
        mass=None if rating is None else rating.mass,
        measured=measured,
        facts=facts,
    )
    counted = measured is not None or bool(facts and scale.maps)
    how: How = "measured" if rating is None else "both" if counted else "judged"
    return Score(heuristic, scale.value(raw), how, None if rating is None else rating.distribution, raw)
