"""What is on the wire when people look back on decisions: why they fell so, verdicts on them, suggestions to answer, and the
log decided again."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.protocol import DecisionView, Id, LearnedView, Mode, PolicyView, Seq, Text, Wire
from conversation.decision import Bound

Verdict = Literal["good", "too_much", "should_have_spoken"]

# -- why ---------------------------------------------------------------------------------------------------------------


class ArgumentView(Wire):
    """`value` on the scale 1–5; 3 says nothing either way."""

    heuristic: str
    title: str
    value: float


class WhyView(Wire):
    """Why an agent spoke or stayed silent, for every member: from stored scores, and never in the words of a thought. `said`:
    what came of it, where it was said. `speaking` and `against`: the two heuristics that argued most each way."""

    run: Id
    agent: Id
    seq: Seq
    act: Literal["speak", "react", "hold", "silent"]
    branch: Literal["mine", "open", "theirs", "none"]
    motivation: float | None
    bar: float | None
    bound: Bound | None
    words: list[str]
    speaking: list[ArgumentView]
    against: list[ArgumentView]
    said: str | None
    at: datetime


class WhysView(Wire):
    """One for each agent that came to decide about the message; empty where none did, and `words` says so."""

    whys: list[WhyView]
    words: list[str]


# -- verdicts ----------------------------------------------------------------------------------------------------------


class Feedback(Wire):
    """`good`: it was right to speak, or to stay silent; `too_much`: it should not have spoken."""

    verdict: Verdict


class MessageFeedback(Wire):
    """`agent`: who should have spoken; may be left out in a room with one."""

    seq: Seq
    verdict: Verdict
    agent: Id | None = None


class LabelView(Wire):
    """What a person thought of a run, or of the silence after message `seq`. `source`: where they said so; `reaction` is 👍 or 👎
    on a message of the agent, `suggestion` what an owner made of one."""

    room: Id
    user: Id
    agent: Id | None
    run: Id | None
    seq: Seq | None
    verdict: Verdict
    source: Literal["feedback", "reaction", "suggestion"]
    at: datetime


class LabelsView(Wire):
    labels: list[LabelView]


# -- suggestions -------------------------------------------------------------------------------------------------------


class SuggestionView(Wire):
    """What an agent would say. In mode `suggest`, `text` is the message that accepting posts; in `shadow` it is the thought,
    for review only. `seq`: the room's last event when it was made. `state`: `said` was let through as `message`, `accepted`
    and `rejected` are labels, `expired` was overtaken by the room or by another suggestion."""

    run: Id
    room: Id
    agent: Id
    mode: Literal["suggest", "shadow"]
    state: Literal["open", "said", "accepted", "rejected", "expired"]
    text: str
    reply_to: Id | None
    seq: Seq
    at: datetime
    audience: list[Id] | None = None
    """The people who may read `text`, where it is made of what was told before them only."""
    by: Id | None = None
    decided_at: datetime | None = None
    message: Id | None = None


class SuggestionsView(Wire):
    suggestions: list[SuggestionView]


class SuggestionAnswer(Wire):
    """`text`: what is to be said instead; only when a suggestion of mode `suggest` is accepted."""

    verdict: Literal["accept", "reject"]
    text: Text | None = None


# -- what verdicts would change ----------------------------------------------------------------------------------------


class FlipsView(Wire):
    """The room's last runs decided again: `runs` of them, of which so many speak or react before and after, and the ids of
    those that change."""

    runs: int
    speak_before: int
    speak_after: int
    flipped: list[Id]


class RefitView(Wire):
    """What the labels would change. `labels`: those that say something of the bar; with fewer than `needed`, `offset` is null.
    `agreed_before` and `agreed_after`: labels that agree with the bar as the policy has it, and with the offset."""

    labels: int
    needed: int
    offset: float | None
    agreed_before: int | None = None
    agreed_after: int | None = None
    flips: FlipsView | None = None
    learned: LearnedView | None
    """What is in force now."""
    versions: list[LearnedView]
    """All that was ever applied, newest first."""


# -- decided again -----------------------------------------------------------------------------------------------------


class RedecideAsk(Wire):
    """Of `policy`, the fields that are given replace those that each run was decided under. `agent`: whose policy is so
    changed, and whose decisions are shown; left out, every agent's."""

    policy: PolicyView = PolicyView()
    mode: Mode | None = None
    calibration: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """Name of a model whose calibration is to be taken; null: that of the model which thought last."""
    weights: dict[str, Annotated[float, Field(ge=0, le=100)]] = Field(default={})
    """Other weights in it, by heuristic."""
    agent: Id | None = None
    after: Id | None = None
    """Only runs after this one."""
    limit: Annotated[int, Field(ge=1, le=10_000)] = 1_000
    """The last so many runs, and as many more as belong to the oldest one's trigger."""


class RatesView(Wire):
    """`rate`: part of the decisions that are to speak; `share`: part of the messages of people and agent that are then the
    agent's; `per_hour`: its messages an hour from the first run to the last (at least one hour)."""

    decisions: int
    speak: int
    react: int
    hold: int
    silent: int
    rate: float
    share: float
    per_hour: float


class FlipView(Wire):
    """A run in which the agent would have acted otherwise; `why` in words."""

    run: Id
    agent: Id
    seq: Seq
    at: datetime
    before: DecisionView
    after: DecisionView
    why: str


class RedecideView(Wire):
    """`fixed`: runs in which nothing was decided, or before enough was stored; they stay as they are. `identical`: every
    decision came out as it is stored, to the last bit; `same`: how many did. `flips`: the newest of the `flipped`.
    `calibrations`: those that the runs were rated by, `calibration`: the one that they are rated by now. `without_effect`:
    fields that were given and change nothing in a log, because they decide when to think and what comes to mind.

    What would have been answered to a message that was never written is not known: every run is decided on the talk as it
    was."""

    runs: int
    fixed: int
    identical: bool
    same: int
    flipped: int
    flips: list[FlipView]
    before: RatesView
    after: RatesView
    calibrations: list[str]
    calibration: str
    without_effect: list[str]
