"""Thoughts, runs and policies: from deciding values to the wire and back."""

from datetime import time

from app import protocol
from app.protocol import (
    AgentView,
    AllowanceView,
    CandorView,
    ChoiceView,
    DecisionView,
    PolicyView,
    RawView,
    RetrievedView,
    RunView,
    SaidView,
    ScoreView,
    ThoughtView,
    TokensView,
    TriggerView,
    WeighingView,
)
from conversation.score import Score
from conversation.thought import Thought
from inference.protocol import Usage
from personalization.candor import Candor
from personalization.palate import Choice
from thoughts import prompts
from thoughts.policy import Policy, QuietHours
from thoughts.run import Run
from thoughts.weighing import Weighing


def policy_of(agent: AgentView) -> Policy:
    given: PolicyView = agent.policy
    return Policy(
        preset=given.preset,
        im_threshold=given.im_threshold,
        interrupt_threshold=given.interrupt_threshold,
        allocated_threshold=given.allocated_threshold,
        system1_prob=given.system1_prob,
        silence_growth=given.silence_growth,
        silence_cap=given.silence_cap,
        talk_share=given.talk_share,
        talk_window=given.talk_window,
        messages_per_hour=given.messages_per_hour,
        min_gap=given.min_gap,
        quiet_hours=quiet_hours_of(given.quiet_hours),
        agent_budget=given.agent_budget,
        tokens_per_day=given.tokens_per_day,
        pause=given.pause,
        debounce=given.debounce,
        decay=given.decay,
        weights=given.weights,
        mode=agent.mode,
        mute_until=agent.mute_until,
        bar_offset=0.0 if agent.learned is None else agent.learned.offset,
        quiet_until=None if agent.quiet is None else agent.quiet.until,
        version=agent.policy_version,
    )


def quiet_hours_of(given: protocol.QuietHours | None) -> QuietHours | None:
    return (
        None
        if given is None
        else QuietHours(time.fromisoformat(given.start), time.fromisoformat(given.end), given.zone)
    )


def score_view(score: Score) -> ScoreView:
    raw = score.raw
    return ScoreView(
        heuristic=score.heuristic,
        value=round(score.value, 4),
        how=score.how,
        distribution=None if score.distribution is None else list(score.distribution),
        raw=RawView(
            judged=raw.judged, baseline=raw.baseline, mass=raw.mass, measured=raw.measured, facts=dict(raw.facts)
        ),
    )


def thought_view(thought: Thought) -> ThoughtView:
    return ThoughtView(
        id=thought.id,
        kind=thought.kind,
        text=thought.text,
        stimuli=list(thought.stimuli),
        scores=[score_view(s) for s in thought.scores],
        motivation=thought.motivation,
        state=thought.state,
        why=thought.why,
        formed_seq=thought.formed_seq,
        formed_at=thought.formed_at,
        audience=_listed(thought.audience),
    )


def run_view(run: Run, model: str, calibration: str, policy_version: int) -> RunView:
    """`outcome` and `message` come later, when what was decided has been done."""
    decision = run.decision
    return RunView(
        id=run.id,
        room=run.moment.room,
        agent=run.moment.agent.id,
        trigger=TriggerView(kind=run.trigger.kind, seq=run.trigger.seq, nth=run.trigger.nth),
        gate=run.gate,
        retrieved=[
            RetrievedView(
                id=r.trace.id,
                kind=r.trace.kind,
                text=r.trace.text,
                saliency=round(r.saliency, 4),
                audience=_listed(r.trace.audience),
                use=run.uses.get(r.trace.id),
            )
            for r in run.retrieved
        ],
        thoughts=[thought_view(t) for t in run.thoughts],
        turn=_by_name(run),
        decision=DecisionView(
            act=decision.act,
            thought=decision.thought,
            branch=decision.branch,
            bar=decision.bar,
            reason=decision.reason,
            bound=decision.bound,
            emoji=decision.emoji,
        ),
        basis=run.basis,
        stages=dict(run.stages or {}),
        tokens=tokens_view(run.usage),
        spent={stage: tokens_view(usage) for stage, usage in run.spent.items() if usage != Usage()},
        method=run.method,
        allowance=AllowanceView(
            level=run.allowance.level, bound=run.allowance.bound, used=round(run.allowance.used, 4)
        ),
        model=model,
        calibration=calibration,
        policy_version=policy_version,
        seed=run.seed,
        error=run.error,
        at=run.moment.now,
    )


def tokens_view(usage: Usage) -> TokensView:
    return TokensView(prompt=usage.prompt, cached=usage.cached, generated=usage.generated)


def candor_view(candor: Candor | None) -> CandorView | None:
    if candor is None:
        return None
    return CandorView(personal=candor.personal, impersonal=candor.impersonal, said=candor.said)


def choice_view(choice: Choice | None) -> ChoiceView | None:
    if choice is None:
        return None
    pool, own, mixed = ([round(x, 4) for x in scores] for scores in (choice.pool, choice.own, choice.mixed))
    return ChoiceView(taken=choice.taken, pool=pool, own=own, mixed=mixed)


def weighing_view(weighing: Weighing | None) -> WeighingView | None:
    if weighing is None:
        return None
    grounds = weighing.grounds
    return WeighingView(
        taken=weighing.taken,
        chance=round(weighing.chance, 4),
        reasons=grounds.count,
        reasoned=round(grounds.reasons, 4),
        suits=round(grounds.suits, 4),
        said=[SaidView(agrees=round(s.agrees, 4), holds=round(s.holds, 4)) for s in grounds.said],
    )


def _listed(audience: frozenset[str] | None) -> list[str] | None:
    return None if audience is None else sorted(audience)


def _by_name(run: Run) -> dict[str, float]:
    if run.turn is None:
        return {}
    shown = prompts.names(run.moment)
    return {shown.get(who, who): round(p, 6) for who, p in run.turn.chances.items()}
