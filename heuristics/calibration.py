"""The map from what one model says to a motivation that means the same on every model. One file per model."""

import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from itertools import pairwise

from conversation.score import Raw

LOWEST, HIGHEST, NEUTRAL = 1.0, 5.0, 3.0


class CalibrationError(ValueError):
    """A calibration file lacks a field or holds one of the wrong type."""


def clamp(value: float) -> float:
    return min(HIGHEST, max(LOWEST, value))


Curve = tuple[tuple[float, float], ...]
"""Points (fact, what it adds), facts ascending; straight between them and flat beyond."""


def along(curve: Curve, x: float) -> float:
    place = bisect_right(curve, x, key=lambda point: point[0])
    if place == 0 or place == len(curve):
        return curve[min(place, len(curve) - 1)][1]
    (x0, y0), (x1, y1) = curve[place - 1], curve[place]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


BUILT_IN: Mapping[str, Curve] = {"interest": ((0.26, 0.0), (0.8, 0.3))}
"""Facts that hold for every model alike, unless its `maps` say otherwise. `interest`: a cosine (MiniLM), from where two texts are
nearer than by chance; what is known of one person moves a score by 0.3 points at most."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One heuristic's map to 1–5. The judged part is `3 + gain·(judged − baseline − offset)`: a small model puts little
    mass on digits and crowds around one of them, so only its difference from a content-free thought tells anything. The
    measured part is `3 + slope·(measured − centre)`. `mix` is the weight of the measured part where both are there, 0–1.
    What `maps` say of the facts that are there is added.
    """

    offset: float = 0.0
    gain: float = 1.0
    centre: float = 0.0
    slope: float = 1.0
    mix: float = 0.5
    maps: Mapping[str, Curve] = field(default_factory=dict)

    def value(self, raw: Raw) -> float:
        """1–5; 3, neutral, when nothing could be judged or measured."""
        told = self._told(raw)
        return clamp(told + self.shown(raw.facts)) if self.maps or raw.facts.keys() & BUILT_IN.keys() else told

    def shown(self, facts: Mapping[str, float]) -> float:
        """What the facts add, in points."""
        return sum(along(curve, facts[name]) for name, curve in {**BUILT_IN, **self.maps}.items() if name in facts)

    def _told(self, raw: Raw) -> float:
        judged = None if raw.judged is None else clamp(self._judged(raw.judged, raw.baseline))
        measured = None if raw.measured is None else clamp(NEUTRAL + self.slope * (raw.measured - self.centre))
        if judged is None:
            return NEUTRAL if measured is None else measured
        return judged if measured is None else self.mix * measured + (1 - self.mix) * judged

    def _judged(self, judged: float, baseline: float | None) -> float:
        return NEUTRAL + self.gain * (judged - (NEUTRAL if baseline is None else baseline) - self.offset)


@dataclass(frozen=True, slots=True)
class Bars:
    """Motivation needed on an open turn, to interrupt, and when asked (1–5), and the chance (0–1) of saying the System 1
    thought on an open turn although it is below the bar."""

    im_threshold: float
    interrupt_threshold: float
    allocated_threshold: float
    system1_prob: float


RATES: Mapping[str, float] = {"selective": 0.4, "active": 1.0, "chatty": 3.0}
"""How often each preset speaks on turns on which nobody calls it, in times of the median participant."""


@dataclass(frozen=True, slots=True)
class TurnScale:
    """Factors on the model's probability that the agent, or anyone, is expected to speak. A small model names whoever its
    prompt names; the factors bring its mean to how often it is so in real chats."""

    agent: float = 1.0
    anyone: float = 1.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """`name` is written into every run. `scales` and `weights` by heuristic; `presets` by name. `bias`: None where weights are
    those of a mean. Otherwise a weight is what a point of its heuristic adds to the log-odds of speaking, and `bias` is where
    they start when every score is 3 (`motivation.motivation`)."""

    name: str
    scales: Mapping[str, Scale]
    weights: Mapping[str, float]
    presets: Mapping[str, Bars]
    turn: TurnScale = TurnScale()
    bias: float | None = None

    def scale(self, heuristic: str) -> Scale:
        return self.scales[heuristic]


def parse(text: str) -> Calibration:
    """Raises CalibrationError, naming what is wrong."""
    try:
        document = json.loads(text)
        return Calibration(
            name=_text(document["name"]),
            scales={name: _scale(values) for name, values in document["scales"].items()},
            weights=_numbers(document["weights"]),
            presets={name: Bars(**_numbers(values)) for name, values in document["presets"].items()},
            turn=TurnScale(**_numbers(document["turn"])),
            bias=None if document.get("bias") is None else _numbers({"bias": document["bias"]})["bias"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CalibrationError(f"not a calibration: {error!r}") from error


def _scale(values: Mapping[str, object]) -> Scale:
    plain = {name: value for name, value in values.items() if name != "maps"}
    maps = values.get("maps", {})
    if not isinstance(maps, dict):
        raise TypeError(f"maps are not by name: {maps!r}")
    return Scale(**_numbers(plain), maps={name: _curve(name, points) for name, points in maps.items()})


def _curve(name: str, points: Sequence[Sequence[object]]) -> Curve:
    found = tuple((n["x"], n["y"]) for n in (_numbers({"x": x, "y": y}) for x, y in points))
    if not found or any(a[0] >= b[0] for a, b in pairwise(found)):
        raise ValueError(f"the map of {name} needs points of ascending facts: {points!r}")
    return found


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"not a name: {value!r}")
    return value


def _numbers(values: Mapping[str, object]) -> dict[str, float]:
    """A dataclass takes whatever it is given: a string for a bar would fail only when the first thought is rated."""
    found = {}
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise TypeError(f"{name} is not a number: {value!r}")
        found[name] = float(value)
    return found


def calibration_for(model: str) -> Calibration:
    """The file of that model's name, or `default`, which assumes a model of GPT-4's class."""
    folder = resources.files("heuristics") / "calibrations"
    names = {entry.name for entry in folder.iterdir()}
    file = f"{model}.json" if f"{model}.json" in names else "default.json"
    return parse((folder / file).read_text(encoding="utf-8"))
