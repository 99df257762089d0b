"""Is there something about this person that is worth asking them now? The value of information over what is believed of them,
against what a question costs them and the room. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from personalization.asking import Question, value_of
from personalization.belief import Belief
from personalization.space import Dimension, Space
from personalization.special import askable
from personalization.wording import put

APART = 30
"""Messages of a room for one question of the agent's own making; a hard limit, not a cost."""
HONEST = 0.85
"""How often an answer says what holds and is read so; the rest is spread over the other values."""
TIMES = 2
"""What somebody was asked so often they are not asked again."""
KNOWN = 0.8
"""Nobody is asked for what is believed with this chance."""
BOTHERED = 0.6
"""Nor is anybody who is believed to mind being asked with this chance."""
BASE, AGAIN, COOL, BUSY = 0.12, 0.06, 0.12, 0.12
"""Of a question; of each other in the last week; of a reception at its worst; of a floor at its busiest. In parts of a reply that
is wholly right for the person instead of wholly wrong."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What bears on a question. `since`: messages in the room since the agent's last question of this kind, None where there was
    none; `lately`: questions to this person in the last week; `cool`: 0 to 1 (what the agent said was taken badly); `busy`:
    0 (a quiet floor) to 1;
    `readers`: how many people read the answer beside the one who is asked; `declined`: they said that they do not want to be
    asked; `unanswered`: their last question of this week is, so that a refusal in words that nobody heard keeps them from the
    next as well;
    `before`: how often this person was asked about each dimension; `asked`: those of them that it is too soon to ask about
    again."""

    since: int | None = None
    lately: int = 0
    cool: float = 0.0
    busy: float = 0.0
    readers: int = 0
    declined: bool = False
    unanswered: bool = False
    before: Mapping[str, int] = field(default_factory=dict)
    asked: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Wonder:
    """`value`: what knowing is worth; `cost`: of asking now; `text`: the question as it is put."""

    dimension: str
    text: str
    value: float
    cost: float

    @property
    def net(self) -> float:
        return self.value - self.cost


def cost(asking: Asking) -> float:
    """In the unit of `Wonder.value`."""
    return BASE + AGAIN * asking.lately + COOL * asking.cool + BUSY * asking.busy


def may_ask(asking: Asking, beliefs: Mapping[str, Belief], space: Space) -> bool:
    """Whether this person may be asked anything now."""
    if asking.declined or asking.unanswered or (asking.since is not None and asking.since < APART):
        return False
    bothered = beliefs.get("questions")
    if bothered is None or not bothered.sources:
        return True
    dimension = space.dimension("questions")
    return bothered.chances[dimension.index("bothered")] < BOTHERED


def open_to(dimension: Dimension, belief: Belief, asking: Asking) -> bool:
    """Whether this may be asked here: not what is known, was asked lately or often enough, is private before others, or is
    nobody's business."""
    if not askable(dimension) or dimension.name in asking.asked or asking.before.get(dimension.name, 0) >= TIMES:
        return False
    if dimension.private and asking.readers:
        return False
    return max(belief.chances) < KNOWN


def wondered(space: Space, beliefs: Mapping[str, Belief], asking: Asking, who: str = "") -> Wonder | None:
    """The question of the largest value, the first of equals, where it is worth its cost, as it is put to `who`. `beliefs` by
    dimension; one that is missing is the population's."""
    if not may_ask(asking, beliefs, space):
        return None
    price, found = cost(asking), []
    for dimension in space.dimensions:
        belief = beliefs.get(dimension.name, Belief(dimension.name, dimension.prior))
        if open_to(dimension, belief, asking):
            text = put(dimension, asking.before.get(dimension.name, 0), who)
            found.append(Wonder(dimension.name, text, worth(dimension, belief), price))
    best = max(found, key=lambda w: w.value, default=None)
    return best if best is not None and best.net > 0 else None


def worth(dimension: Dimension, belief: Belief) -> float:
    """The value of hearing the answer: an act is to speak as suits one value, and only the right one is worth anything."""
    size = len(dimension.values)
    answers = tuple(tuple(HONEST if i == j else (1 - HONEST) / (size - 1) for j in range(size)) for i in range(size))
    payoff = [[dimension.stake * (i == j) for j in range(size)] for i in range(size)]
    return value_of(Question(dimension.name, answers), belief.chances, payoff)
