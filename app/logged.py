"""Stored runs as deciding code sees them: the way back from the wire."""

from app.protocol import DecisionView, RunView, ScoreView, ThoughtView
from conversation.decision import Decision
from conversation.moment import Trigger
from conversation.score import Raw, Score
from conversation.thought import Thought
from thoughts.redecide import Logged


def logged(run: RunView, whole: bool = True) -> Logged:
    """Not `whole`: without the scores, which take most of the room, for whoever does not rate again. A reaction whose thought
    lost its words with a deleted message stays as it was: they made it a reaction."""
    wordless = run.decision.act == "react" and any(t.id == run.decision.thought and not t.text for t in run.thoughts)
    return Logged(
        id=run.id,
        agent=run.agent,
        trigger=Trigger(run.trigger.kind, run.trigger.seq, run.trigger.nth),
        seed=run.seed,
        at=run.at,
        calibration=run.calibration,
        thoughts=tuple(_thought(run.agent, t, whole) for t in run.thoughts),
        decision=_decision(run.decision),
        basis=None if wordless else run.basis,
        message=run.message,
    )


def _decision(view: DecisionView) -> Decision:
    return Decision(view.act, view.thought, view.branch, view.bar, view.reason, view.bound, view.emoji)


def _thought(agent: str, view: ThoughtView, whole: bool) -> Thought:
    return Thought(
        id=view.id,
        agent=agent,
        kind=view.kind,
        text=view.text,
        stimuli=tuple(view.stimuli),
        formed_seq=view.formed_seq,
        formed_at=view.formed_at,
        state=view.state,
        why=view.why,
        scores=tuple(map(_score, view.scores)) if whole else (),
        motivation=view.motivation,
    )


def _score(view: ScoreView) -> Score:
    """Its value is rounded on the wire; its raw numbers are whole."""
    raw = Raw(view.raw.judged, view.raw.baseline, view.raw.mass, view.raw.measured, dict(view.raw.facts))
    return Score(view.heuristic, view.value, view.how, None, raw)
