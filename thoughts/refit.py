"""What people's verdicts say about where a room's bar should be. Pure, small and bounded: it moves one number."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from thoughts.redecide import Logged, drive_of

Verdict = Literal["good", "too_much", "should_have_spoken"]

NEEDED = 20
"""Labels before anything is learned from them."""
BOUND = 0.6
"""Points of motivation by which the bar may move, up or down: people's wishes, not a way around the owner's policy."""
STEP = 0.02
SOFTNESS = 0.35
"""Points of motivation over which a verdict stops being sure; about the spread of motivation between a person's thoughts."""
PULL = 2.0
"""How strongly the bar stays where it is, in labels per squared point."""
UNTHOUGHT = -0.5
"""How far below the bar the agent is taken to have been where it should have spoken and did not even think."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """`margin`: motivation less the bar without anything learned; `speak`: whether it should have spoken."""

    margin: float
    speak: bool


@dataclass(frozen=True, slots=True)
class Refit:
    """`offset`: points to be added to the bar. `before` and `after`: labels that agree with the bar as it is in the policy, and
    with the offset."""

    offset: float
    labels: int
    before: int
    after: int


def labelled(verdict: Verdict, run: Logged | None) -> Labelled | None:
    """What a verdict says of the bar; None where it says nothing: whoever is asked answers, whatever the bar."""
    if run is None or run.decision.bar is None or run.basis is None:
        return Labelled(UNTHOUGHT, True) if verdict == "should_have_spoken" else None
    drive = drive_of(run.thoughts, run.decision)
    if drive is None or run.decision.branch == "mine":
        return None
    wanted = run.decision.act in ("speak", "react") or run.decision.bound is not None
    speak = verdict == "should_have_spoken" or (verdict == "good" and wanted)
    return Labelled(drive - (run.decision.bar - run.basis.policy.bar_offset), speak)


def refit(labels: Sequence[Labelled]) -> Refit | None:
    """The offset within ±BOUND under which the labels are likeliest (a logistic in the margin, held back by a square); of equal
    ones the smallest. None while there are fewer than NEEDED."""
    if len(labels) < NEEDED:
        return None
    steps = round(BOUND / STEP)
    tried = sorted((n * STEP for n in range(-steps, steps + 1)), key=lambda offset: (abs(offset), offset))
    best = min(tried, key=lambda offset: round(_loss(labels, offset), 9))
    return Refit(round(best, 4), len(labels), _agreeing(labels, 0.0), _agreeing(labels, best))


def _loss(labels: Sequence[Labelled], offset: float) -> float:
    unlikely = sum(math.log1p(math.exp(-_sign(one) * (one.margin - offset) / SOFTNESS)) for one in labels)
    return unlikely + PULL * offset**2


def _sign(one: Labelled) -> int:
    return 1 if one.speak else -1


def _agreeing(labels: Sequence[Labelled], offset: float) -> int:
    return sum((one.margin >= offset) == one.speak for one in labels)
