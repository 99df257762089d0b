"""The time machine: a stored log decided again under another policy or calibration. Pure, and no model is asked.

Each run is decided from its own row: what it saw, what it thought and how that was rated stay as they were. That is
counterfactual only in part: had the agent spoken there, the talk would have gone on otherwise. `thoughts/followed.py` lets at
least the limits know.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from conversation.decision import Decision
from conversation.moment import Trigger
from conversation.thought import Thought
from heuristics.calibration import Calibration
from heuristics.motivation import motivation, recalibrated
from thoughts.basis import Basis
from thoughts.footing import HOUR
from thoughts.participation import arbitrate, decide
from thoughts.policy import Policy

WITHOUT_EFFECT = ("pause", "debounce", "decay")
"""Fields of a policy that decide when to think and what comes to mind: a log holds only what was thought."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A run as it was stored. `calibration`: name of the one that its thoughts' motivation came from. `basis`: None where
    nothing was decided (gated, failed) or too little was stored; such a run stays as it was. `message`: id of the message that
    came of it."""

    id: str
    agent: str
    trigger: Trigger
    seed: int
    at: datetime
    calibration: str
    thoughts: tuple[Thought, ...]
    decision: Decision
    basis: Basis | None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Redecided:
    """`decision`: as it is now. `drive`, `drive_before`: motivation of the thought that each decision is about; None without
    one."""

    run: Logged
    decision: Decision
    drive: float | None
    drive_before: float | None

    @property
    def flipped(self) -> bool:
        return self.decision.act != self.run.decision.act

    @property
    def why(self) -> str:
        """What made the difference, in words."""
        before, after = self.run.decision, self.decision
        said = []
        if after.bound != before.bound and after.bound is not None:
            said.append(f"{after.bound.replace('_', ' ')} holds it back")
        elif after.bound != before.bound and before.bound is not None:
            said.append(f"{before.bound.replace('_', ' ')} no longer holds it back")
        if after.bar is not None and before.bar is not None and after.bar != before.bar:
            said.append(f"the bar is {after.bar:.2f}, it was {before.bar:.2f}")
        if self.drive is not None and self.drive_before is not None and self.drive != self.drive_before:
            said.append(f"motivation is {self.drive:.2f}, it was {self.drive_before:.2f}")
        return "; ".join(said) if said else after.reason


Changed = Callable[[str, Policy], Policy]
"""The policy of an agent (by id) as it is to be, from the one that the run decided under."""


def unchanged(agent: str, policy: Policy) -> Policy:
    return policy


def redecide(log: Iterable[Logged], calibration: Calibration, changed: Changed = unchanged) -> Iterator[Redecided]:
    """One for each of `log`, in the order of their triggers. Runs of several agents about one trigger are weighed against
    each other again, so `log` must hold all of them."""
    for group in together(log):
        yield from weighed([(run, decided(run, run.basis, calibration, changed)) for run in group])


def together(log: Iterable[Logged]) -> Iterator[Sequence[Logged]]:
    """Runs by trigger, in the order in which the triggers first came."""
    groups: dict[Trigger, list[Logged]] = {}
    for run in log:
        groups.setdefault(run.trigger, []).append(run)
    yield from groups.values()


Made = tuple[Decision, float | None]


def decided(run: Logged, basis: Basis | None, calibration: Calibration, changed: Changed) -> Made:
    """The decision and the motivation of its thought, before other agents are considered."""
    if basis is None:
        return run.decision, drive_of(run.thoughts, run.decision)
    policy = changed(run.agent, basis.policy)
    thoughts = (
        run.thoughts
        if _same_scale(run, basis.policy, policy, calibration)
        else tuple(_rated(t, calibration, policy) for t in run.thoughts)
    )
    decision = decide(basis.footing, thoughts, basis.turn, policy, calibration, run.seed)
    return decision, drive_of(thoughts, decision)


def weighed(made: Sequence[tuple[Logged, Made]]) -> Iterator[Redecided]:
    """What becomes of the runs about one trigger: of several that would speak, one does."""
    outcome = arbitrate({run.agent: (decision, drive or 0.0) for run, (decision, drive) in made if run.basis})
    for run, (decision, drive) in made:
        yield Redecided(run, outcome.get(run.agent, decision), drive, drive_of(run.thoughts, run.decision))


def drive_of(thoughts: Iterable[Thought], decision: Decision) -> float | None:
    return next((t.motivation for t in thoughts if t.id == decision.thought), None)


def _same_scale(run: Logged, then: Policy, now: Policy, calibration: Calibration) -> bool:
    """Whether every motivation would come out as it is stored."""
    growth = (then.silence_growth, then.silence_cap) == (now.silence_growth, now.silence_cap)
    return growth and then.weights == now.weights and run.calibration == calibration.name


def _rated(thought: Thought, calibration: Calibration, policy: Policy) -> Thought:
    if not thought.scores:
        return thought
    scores = recalibrated(thought.scores, calibration)
    drive = motivation(scores, policy.weighing(calibration), policy.silence_growth, policy.silence_cap)
    return replace(thought, motivation=drive)


def reweighted(calibration: Calibration, weights: Mapping[str, float]) -> Calibration:
    """`calibration` with other weights for the heuristics that are named. Raises KeyError for a name that is none."""
    for name in weights:
        calibration.weights[name]
    return replace(calibration, name=f"{calibration.name}, reweighted", weights={**calibration.weights, **weights})


@dataclass(frozen=True, slots=True)
class Rates:
    """How much an agent speaks: `rate` is the part of its decisions that are to speak, `share` the part of all messages that
    are then its own, `per_hour` its messages an hour, from the first run to the last (at least one hour)."""

    decisions: int
    speak: int
    react: int
    hold: int
    silent: int
    rate: float
    share: float
    per_hour: float


def rates(decisions: Sequence[Decision], span: timedelta, others: int) -> Rates:
    """`others`: messages by everybody else within `span`."""
    counts = {act: sum(d.act == act for d in decisions) for act in ("speak", "react", "hold", "silent")}
    said = counts["speak"]
    return Rates(
        decisions=len(decisions),
        **counts,
        rate=said / len(decisions) if decisions else 0.0,
        share=said / (said + others) if said else 0.0,
        per_hour=said / (max(span, HOUR) / HOUR),
    )
