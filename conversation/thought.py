"""A covert thought: an object with a life of its own, never a message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from conversation.score import Score

ThoughtKind = Literal["system1", "system2", "curiosity"]
ThoughtState = Literal["held", "spoken", "retired", "expired"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a curiosity thought asks of the member `to`: about one `dimension` of them. `text` is said as it stands: no model puts
    it into other words. `worth`: by how much knowing is worth more than asking costs, in points of a score."""

    to: str
    dimension: str
    text: str
    worth: float


@dataclass(frozen=True, slots=True)
class Thought:
    """`stimuli`: ids of the messages, memories and thoughts that set it off. `formed_seq`: the room's seq at its birth.

    `state` says where it is in its life, `why` the reason of the last change in words ("said", "said by Bob").
    `motivation` is the last one computed, 1–5; None before it was rated. `question`: of a curiosity thought, what it asks.
    `audience`: ids of the people who may hear it, because
    all that it was made of was said before them; None where nothing in it is from outside its room. `embedding`: unit length; an
    `array("f")` where it is kept, which takes 4 bytes a number and not 32: a room that waits for the model holds dozens of them.
    """

    id: str
    agent: str
    kind: ThoughtKind
    text: str
    stimuli: tuple[str, ...]
    formed_seq: int
    formed_at: datetime
    state: ThoughtState = "held"
    why: str = ""
    scores: tuple[Score, ...] = ()
    motivation: float | None = None
    accessed_seq: int = 0
    embedding: Sequence[float] = ()
    question: Question | None = None
    audience: frozenset[str] | None = None
