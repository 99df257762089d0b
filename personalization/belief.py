"""What is believed of a person, one dimension at a time, and the messages that it comes from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from personalization.space import Dimension

Chances = tuple[float, ...]
"""One probability a value of a dimension, in its order, summing to 1."""

HALF_LIFE = timedelta(days=90)
"""After this time a message tells half as much (half of its log-likelihood): what is not confirmed drifts back to what holds
for people at large. Of those with an interest, 80 % keep it for over a month (arXiv 2305.15498)."""
BOUND = 50.0
"""No message tells a value from another by more than this factor, however plain its words: people change, joke and slip."""
ELSEWHERE = 0.5
"""What was said in another room tells half as much about how one wants to be spoken to in this one."""
AT_OTHER_HOURS = 0.75
"""And what was said more than six hours of the clock away tells three quarters: the same person may want it short in the
morning and long at night. The distance of two times of day is the same in every zone."""
FLAT = 1.05
"""A message whose likelihoods differ by less than this factor told nothing, and is no evidence."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """`likelihood`: how probable the message `source` is under each value of the dimension, up to a common factor, all above 0.
    `set_by_hand`: the person said which value holds; nothing is inferred over it. `room`: where it was said, where that is
    known."""

    source: str
    likelihood: tuple[float, ...]
    at: datetime
    set_by_hand: bool = False
    room: str | None = None


@dataclass(frozen=True, slots=True)
class Belief:
    """`sources`: ids of the messages that it rests on, oldest first; none means that it is the population's."""

    dimension: str
    chances: Chances
    sources: tuple[str, ...] = ()


def believed(dimension: Dimension, evidence: Iterable[Evidence], now: datetime, room: str | None = None) -> Belief:
    """prior · Π likelihood^(2^(−age / HALF_LIFE)), normalised and floored. The order of the evidence does not matter, and
    what is erased from it leaves no trace. Of several values set by hand the latest counts, alone and unfaded. With `room`:
    what holds there at this hour, where what was said elsewhere or at other hours tells less (`fitting`)."""
    told = sorted((e for e in evidence if tells(e.likelihood)), key=lambda e: (e.at, e.source))
    by_hand = [e for e in told if e.set_by_hand]
    if by_hand:
        return Belief(dimension.name, _normal(by_hand[-1].likelihood, dimension.floor), (by_hand[-1].source,))
    chances = list(dimension.prior)
    for e in told:
        weight = 0.5 ** (max(timedelta(0), now - e.at) / HALF_LIFE) * (1.0 if room is None else fitting(e, now, room))
        chances = [c * x**weight for c, x in zip(chances, bounded(e.likelihood), strict=True)]
    return Belief(dimension.name, _normal(chances, dimension.floor), tuple(e.source for e in told))


def fitting(one: Evidence, now: datetime, room: str) -> float:
    """How much of what was said then and there holds here and now: 1 in the same room at about the same hour."""
    apart = abs((one.at - now).total_seconds()) % 86_400
    near = min(apart, 86_400 - apart) <= 6 * 3_600
    return (1.0 if one.room == room else ELSEWHERE) * (1.0 if near else AT_OTHER_HOURS)


def updated(chances: Sequence[float], likelihood: Sequence[float], floor: float) -> Chances:
    """Bayes' rule for one message, bounded and floored; `believed` for a talk of no age, one step at a time."""
    return _normal([c * x for c, x in zip(chances, bounded(likelihood), strict=True)], floor)


def bounded(likelihood: Sequence[float]) -> tuple[float, ...]:
    """Scaled so that the largest is 1 and none is below 1 / BOUND."""
    top = max(likelihood)
    if not min(likelihood) > 0:
        raise ValueError(f"likelihoods must be above 0: {likelihood!r}")
    return tuple(max(x / top, 1 / BOUND) for x in likelihood)


def tells(likelihood: Sequence[float]) -> bool:
    return max(likelihood) > FLAT * min(likelihood)


def set_value(dimension: Dimension, value: str, source: str, now: datetime) -> Evidence:
    """What a person said holds, by hand. Raises SpaceError for what is no value."""
    chosen = dimension.index(value)
    rest = dimension.floor
    likelihood = tuple(1.0 if i == chosen else rest for i in range(len(dimension.values)))
    return Evidence(source, likelihood, now, set_by_hand=True)


def _normal(weights: Sequence[float], floor: float) -> Chances:
    """Sums to 1, none below `floor`: those below it are lifted, and the others give way in proportion."""
    total = sum(weights)
    chances = [w / total for w in weights]
    low = {i for i, c in enumerate(chances) if c < floor}
    while low:
        rest = sum(c for i, c in enumerate(chances) if i not in low)
        scale = (1 - floor * len(low)) / rest
        lifted = [floor if i in low else c * scale for i, c in enumerate(chances)]
        below = {i for i, c in enumerate(lifted) if i not in low and c < floor}
        if not below:
            return tuple(lifted)
        low |= below
    return tuple(chances)
