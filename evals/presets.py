"""Whether presets speak as often as they say: at the bars of each, over decision points of real chats."""

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from conversation.standing import talk_of
from heuristics.calibration import RATES, Calibration
from thoughts.points import Point, rates

LEAST = 20
"""Points of a participant below which their rate says nothing."""


def usual_rate(files: Iterable[Path]) -> float:
    """How often the median participant of the chats in `files` was next where nobody called them. 0 where nobody has LEAST
    points."""
    found = [rate for path in files for rate in rates(path, LEAST)]
    return statistics.median(found) if found else 0.0


def preset_rates(
    points: Sequence[Point], scores: Sequence[float], calibration: Calibration, usual: float
) -> dict[str, dict[str, float]]:
    """By preset, on the points where nobody calls the participant: `rate`, the part at which `scores` (motivation) pass the bar,
    which is the higher one where somebody else is called; `target`, what the preset promises in times of `usual`; `ratio` of
    the two, 0 where nothing is promised."""
    found = {}
    called = [_called(p) for p in points]
    for name, times in RATES.items():
        bars = calibration.presets[name]
        said = [
            score >= (bars.interrupt_threshold if others else bars.im_threshold)
            for score, (me, others) in zip(scores, called, strict=True)
            if not me
        ]
        rate, target = sum(said) / max(1, len(said)), times * usual
        found[name] = {
            "rate": round(rate, 4),
            "target": round(target, 4),
            "ratio": round(rate / target, 3) if target else 0.0,
        }
    return found


def _called(point: Point) -> tuple[bool, bool]:
    """Whether the last message names the participant, and whether it names somebody else and not them."""
    moment = point.moment
    talk = talk_of(moment.transcript.messages, {moment.agent.id: moment.agent.name}, moment.now, (moment.agent.id,))
    named = talk.standings[moment.agent.id].named
    return named, talk.names > 0 and not named
