"""The bars of the presets: each preset is a rate of speaking, and its bars are where motivation crosses that often."""

from collections.abc import Mapping
from math import exp, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heuristics.calibration import HIGHEST, LOWEST, RATES, Bars

Floats = NDArray[np.floating[Any]]

INTERRUPT = log(1.5)
"""How much likelier, in log-odds, speaking must be than on an open turn where somebody else is called."""
CALLED: Mapping[str, float] = {"selective": 0.95, "active": 0.99, "chatty": 1.0}
"""Part of the turns on which it is called that it answers: hardly anything is held back then."""


def level(odds: float) -> float:
    """From log-odds relative to usual to motivation, 1–5 (`heuristics.motivation`)."""
    return LOWEST + (HIGHEST - LOWEST) / (1 + exp(-odds))


def usual_rate(spoke: Floats, who: NDArray[np.integer[Any]], least: int) -> float:
    """How often the median participant of `least` occasions or more took one."""
    counts = np.bincount(who)
    taken = np.bincount(who, spoke, minlength=len(counts))
    enough = counts >= least
    return float(np.median(taken[enough] / counts[enough]))


def bars(odds: Floats, called: NDArray[np.bool_], others: NDArray[np.bool_], usual: float) -> dict[str, Bars]:
    """By preset. `odds`: log-odds relative to usual, one an occasion; `called`, `others`: whether the last message calls the
    agent, or somebody else and not the agent."""
    uncalled = (odds - np.where(others, INTERRUPT, 0.0))[~called]
    found = {}
    for name, rate in RATES.items():
        bar = float(np.quantile(uncalled, 1 - min(1.0, rate * usual)))
        asked = min(bar, float(np.quantile(odds[called], 1 - CALLED[name]))) if called.any() else bar
        found[name] = Bars(round(level(bar), 3), round(level(bar + INTERRUPT), 3), round(level(asked), 3), 0.0)
    return found
