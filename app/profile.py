"""What people see of what is believed of them, and the pairs of replies they are asked about: on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from app.protocol import Wire

Choice = Literal["first", "second", "neither"]


class EvidenceView(Wire):
    """A message of the person's that a belief rests on. `text` is what it says now."""

    message: str
    room: str
    text: str
    at: datetime


class BeliefView(Wire):
    """`values`: the chance of each; `uncertainty`: 0 (sure) to 1 (as among people at large, or less), the entropy in parts
    of that of
    the population; `by_hand`: set by the person, and then nothing is inferred; `ask`: how the agent would ask."""

    dimension: str
    values: dict[str, float]
    likeliest: str
    uncertainty: float
    by_hand: bool
    ask: str
    evidence: list[EvidenceView]


class BeliefsView(Wire):
    beliefs: list[BeliefView]


class SetBelief(Wire):
    """None: what was set by hand is taken back."""

    value: str | None = Field(max_length=64)


class PairView(Wire):
    """Two replies to the same `message`; which one is liked better tells most now. `answered`: how many were before."""

    id: str
    message: str
    first: str
    second: str
    answered: int


class PairAnswer(Wire):
    choice: Choice


class LikingView(Wire):
    """How much a reply gains by an attribute, with its standard deviation: the person's log-odds of liking it better than
    its opposite."""

    attribute: str
    mean: float
    deviation: float


class TasteView(Wire):
    answered: int
    likings: list[LikingView]
