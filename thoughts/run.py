"""One run of the five stages, as it is stored: spoken or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from conversation.decision import Decision
from conversation.moment import Moment, Trigger
from conversation.thought import Thought
from inference.protocol import Usage
from memory.saliency import Retrieved
from thoughts.basis import Basis
from thoughts.contract import FULL, Allowance
from thoughts.evaluation import Turn
from thoughts.known import NOTHING_KNOWN, Known
from thoughts.use import Use

SILENT = Decision("silent", None, "none", None, "")


@dataclass(frozen=True, slots=True)
class Run:
    """`gate`: why nothing was thought, else None. `uses`: by id of what was retrieved, what it is for; `known`: what of it a
    reply may know. `thoughts`: all that were rated, most motivated first. `changed`: thoughts
    whose state changed beside them. `basis`: what the decision was made from; None where none was made. `stages`: milliseconds
    by stage; `spent`: tokens of those that asked the model. `method`: how ratings were read from the model (`Ratings.method`,
    `remembered` where it was not asked, or `none` where nothing was asked). `allowance`: how much the agent might think.
    `error`: what failed; then the decision is silence.
    """

    id: str
    moment: Moment
    gate: str | None = None
    retrieved: tuple[Retrieved, ...] = ()
    uses: Mapping[str, Use] = field(default_factory=dict)
    known: Known = NOTHING_KNOWN
    thoughts: tuple[Thought, ...] = ()
    changed: tuple[Thought, ...] = ()
    turn: Turn | None = None
    basis: Basis | None = None
    decision: Decision = SILENT
    stages: Mapping[str, float] | None = None
    spent: Mapping[str, Usage] = field(default_factory=dict)
    method: str = "none"
    allowance: Allowance = FULL
    seed: int = 0
    error: str | None = None

    @property
    def trigger(self) -> Trigger:
        return self.moment.trigger

    @property
    def usage(self) -> Usage:
        """All that was spent."""
        return sum(self.spent.values(), Usage())

    def in_short(self) -> "Run":
        """What acting on it takes, once it is stored."""
        thoughts = () if self.chosen is None else (self.chosen,)
        return Run(
            self.id,
            self.moment,
            known=self.known,
            thoughts=thoughts,
            decision=self.decision,
            allowance=self.allowance,
            seed=self.seed,
        )

    @property
    def chosen(self) -> Thought | None:
        return next((t for t in self.thoughts if t.id == self.decision.thought), None)
