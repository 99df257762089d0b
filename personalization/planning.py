"""Which question next, and when to act, looking ahead to the last turn: what a policy may copy before it is trained.

Value iteration over beliefs. (`asking` looks one question ahead, after arXiv 2601.06407, which is too short where a question
is worth something only together with the next.) Dimensions have two values each and hang on nothing else; an answer is heard
rightly, wrongly, or tells nothing. The worth of a belief between the points of a grid is interpolated.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalization.belief import Chances
from personalization.manner import surer
from personalization.talk import Task

Values = NDArray[np.float64]
_LOGITS = np.array([-5.3, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.3])
LEVELS: Values = 1 / (1 + np.exp(-_LOGITS))
"""Chances of the first value at which a belief's worth is worked out: from one floor of 0.005 to the other."""


@dataclass(frozen=True, slots=True)
class Ears:
    """How often an answer is heard as what holds, and as what does not; else it tells nothing."""

    right: float
    wrong: float


PLAIN_EARS, MESSY_EARS = Ears(0.95, 0.01), Ears(0.8, 0.04)
"""What is taken for granted of the listener and of what people say, by how they answer; measured on phrases left out of the
listener's training: 0.98 and 0.004, 0.80 and 0.03."""
PRICE = 0.015
"""What a question costs in units of a right act."""

_ALIKE = 1e-12


@dataclass(frozen=True, slots=True)
class Planner:
    """`worth[n]` [LEVELS, … one axis a dimension of `task.matter`]: chance of the right act in the end less what is paid for
    questions, with n questions left."""

    task: Task
    ears: Ears
    cost: float
    worth: tuple[Values, ...]

    def question(self, beliefs: Mapping[str, Chances], left: int) -> str | None:
        """The dimension to ask about, None where acting now is worth as much. `left`: questions that the turns allow."""
        if left <= 0:
            return None
        worth = self.values(beliefs, left)
        best = _first_of_best(worth)
        return self.task.matter[best] if worth[best] > max(self.task.chances(beliefs)) else None

    def values(self, beliefs: Mapping[str, Chances], left: int) -> Values:
        """What asking about each dimension of `task.matter` is worth, with `left` questions allowed."""
        yes = np.array([beliefs[name][0] for name in self.task.matter])
        found = np.full(len(yes), -self.cost)
        for i in range(len(yes)):
            for chance, after in _answers(yes[i], self.ears):
                there = np.concatenate([yes[:i], [after], yes[i + 1 :]])
                found[i] += float(chance) * _between(self.worth[left - 1], there)
        return found


@dataclass(frozen=True, slots=True)
class Wary:
    """Who looks ahead and does not know how somebody answers (`manner`): what asking and acting are worth is the mean over both
    ways, as if it would be known after the next answer."""

    plain: Planner
    messy: Planner

    def question(self, beliefs: Mapping[str, Chances], left: int, messy: float) -> str | None:
        """As `Planner.question`; `messy`: the chance that answers are messy."""
        if left <= 0:
            return None
        task = self.plain.task
        sure = {name: surer(chances, task.space.dimension(name).prior) for name, chances in beliefs.items()}
        worth = (1 - messy) * self.plain.values(sure, left) + messy * self.messy.values(beliefs, left)
        act = (1 - messy) * max(task.chances(sure)) + messy * max(task.chances(beliefs))
        best = _first_of_best(worth)
        return task.matter[best] if worth[best] > act else None


def _first_of_best(worth: Values) -> int:
    """Of questions that are worth the same the first, whatever the last bit of a sum is on this processor."""
    return int(np.argmax(worth > worth.max() - _ALIKE))


def wary(task: Task) -> Wary:
    """As `planner`, of both ways of answering."""
    return Wary(planner(task, PLAIN_EARS, PRICE), planner(task, MESSY_EARS, PRICE))


def planner(task: Task, ears: Ears, cost: float) -> Planner:
    """`cost`: of a question, in units of a right act. Every dimension of `task.matter` must have two values."""
    assert all(len(task.space.dimension(name).values) == 2 for name in task.matter), task.matter
    number = len(task.matter)
    axes = np.meshgrid(*[LEVELS] * number, indexing="ij")
    # Chances are products of each dimension's own, so they are worked out on whole axes at once.
    spread = {name: (yes, 1 - yes) for name, yes in zip(task.matter, axes, strict=True)}
    act: Values = np.stack(np.broadcast_arrays(*task.chances(spread))).max(0)  # type: ignore[arg-type]
    worth = [act]
    for _ in range(task.turns - 1):
        best = act
        for axis in range(number):
            along = np.moveaxis(worth[-1], axis, -1)
            found = np.zeros_like(along)
            for chance, after in _answers(LEVELS, ears):
                found += chance * _along(along, after)
            best = np.maximum(best, np.moveaxis(found, -1, axis) - cost)
        worth.append(best)
    return Planner(task, ears, cost, tuple(worth))


def _answers(yes: Values, ears: Ears) -> tuple[tuple[Values, Values], ...]:
    """Chance of each way in which the answer is heard, and that of the first value afterwards."""
    as_yes = yes * ears.right + (1 - yes) * ears.wrong
    as_no = yes * ears.wrong + (1 - yes) * ears.right
    nothing = np.full_like(yes, 1 - ears.right - ears.wrong)
    return (as_yes, yes * ears.right / as_yes), (as_no, yes * ears.wrong / as_no), (nothing, yes)


def _along(worth: Values, at: Values) -> Values:
    """Interpolated along the last axis at each of `at`, one a level."""
    low, part = _places(at)
    found: Values = worth[..., low] * (1 - part) + worth[..., low + 1] * part
    return found


def _between(worth: Values, at: Values) -> float:
    """Interpolated at one point, between its 2^n neighbours."""
    low, part = _places(at)
    corners = np.array(list(itertools.product((0, 1), repeat=len(at))))
    shares = np.where(corners, part, 1 - part).prod(1)
    return float(shares @ worth[tuple((low + corners).T)])


def _places(at: Values) -> tuple[NDArray[np.int64], Values]:
    """The level below, and how far towards the next, 0–1."""
    low = np.clip(np.searchsorted(LEVELS, at, side="right") - 1, 0, len(LEVELS) - 2)
    part: Values = np.clip((at - LEVELS[low]) / (LEVELS[low + 1] - LEVELS[low]), 0.0, 1.0)
    return low, part
