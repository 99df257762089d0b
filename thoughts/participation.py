"""Stage 5, participation: speak, react, hold or stay silent. Pure: the same values give the same decision, so a stored run
can be decided again under another policy (`thoughts/redecide.py`). All that it looks at is stored with the run."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from conversation.decision import Act, Bound, Branch, Decision
from conversation.thought import Thought
from heuristics.calibration import Calibration, clamp
from personalization.receptivity import hook, repetition
from thoughts.evaluation import Turn
from thoughts.footing import Footing
from thoughts.policy import Policy
from thoughts.prompts import ANYONE
from thoughts.reaction import APART, reaction

EXPECTED = 0.5
"""Probability from which a member counts as expected to speak."""

BRANCH_WORDS: Mapping[Branch, str] = {
    "mine": "it is asked to speak",
    "open": "the turn is open",
    "theirs": "somebody else is expected to speak",
    "none": "nothing came to mind",
}


@dataclass(frozen=True, slots=True)
class Intent:
    """What the agent would do were there no bounds."""

    thought: Thought | None
    branch: Branch
    bar: float | None
    wants: bool
    reason: str


def branch_of(where: Footing, turn: Turn) -> Branch:
    """Whose turn it is. Unless one member is as likely as everybody else together, it is open; a pause belongs to everybody:
    whoever was expected did not come."""
    if turn.named == where.agent:
        return "mine"
    if where.trigger == "pause":
        return "open"
    if turn.named is not None:
        return "theirs"
    expected = next((who for who, p in turn.chances.items() if p >= EXPECTED and who != ANYONE), None)
    if expected is None:
        return "open"
    return "mine" if expected == where.agent else "theirs"


def intend(
    where: Footing, thoughts: Sequence[Thought], turn: Turn, policy: Policy, calibration: Calibration, seed: int
) -> Intent:
    """The paper's three branches (arXiv 2501.00383): on an open turn the best thought if it reaches `im_threshold`, else by
    chance the System 1 thought; on its own turn the best thought; on somebody else's only from `interrupt_threshold`. How
    its words were received, and whether it makes a move again, shift the bars of what nobody asked for."""
    ranked = sorted((t for t in thoughts if t.motivation is not None), key=lambda t: (-(t.motivation or 0.0), t.id))
    if not ranked:
        return Intent(None, "none", None, False, "No new thought came up.")
    best, branch, bars = ranked[0], branch_of(where, turn), policy.bars(calibration)
    bar = {
        "mine": bars.allocated_threshold,
        "open": bars.im_threshold,
        "theirs": bars.interrupt_threshold,
    }[branch]
    if branch != "mine":
        bar = clamp(bar + where.reception + where.wish + repetition(best.text, where.moves))
    drive = best.motivation or 0.0
    whose = BRANCH_WORDS[branch]
    if drive >= bar:
        return Intent(best, branch, bar, True, f"Motivation {drive:.2f} reaches {bar:.2f} while {whose}.")
    quick = next((t for t in ranked if t.kind == "system1"), None)
    if branch == "open" and quick is not None and random.Random(seed).random() < bars.system1_prob:
        return Intent(quick, branch, bar, True, f"Below the bar {bar:.2f}, but a quick thought slipped out.")
    return Intent(best, branch, bar, False, f"Motivation {drive:.2f} is below {bar:.2f} while {whose}.")


def bound(where: Footing, policy: Policy, asked: bool) -> Bound | None:
    """The first limit that forbids speaking now. `asked`: the agent was called by name or answered; then only the limits
    that hold always apply."""
    if policy.muted(where.now):
        return "muted"
    if policy.hushed(where.now):
        return "hushed"
    if where.spoke_last:
        return "own_turn"
    if where.agents_in_a_row >= policy.agent_budget:
        return "agent_budget"
    if policy.tokens_per_day is not None and (where.tokens_today or 0) >= policy.tokens_per_day:
        return "tokens_per_day"
    if not asked:
        if policy.quiet_hours is not None and policy.quiet_hours.holds(where.now):
            return "quiet_hours"
        today = where.said_within(timedelta(days=1))
        if where.share(policy.talk_window) >= policy.talk_share and (today or not policy.talk_share):
            return "talk_share"
        if where.said_this_hour >= policy.messages_per_hour:
            return "messages_per_hour"
        if where.said_within(timedelta(seconds=policy.min_gap)):
            return "min_gap"
    if policy.mode != "speak":
        return policy.mode
    return None


def decide(
    where: Footing, thoughts: Sequence[Thought], turn: Turn, policy: Policy, calibration: Calibration, seed: int
) -> Decision:
    """`hold`: it wanted to speak and a bound forbade it, or a thought is kept for later. `silent`: nothing to say."""
    fitting = [t for t in thoughts if not (where.goodbye and hook(t.text, t.kind == "system1"))]
    intent = intend(where, fitting or thoughts, turn, policy, calibration, seed)
    if intent.thought is None:
        return Decision("silent", None, "none", None, intent.reason)
    if not intent.wants:
        return Decision("hold", intent.thought.id, intent.branch, intent.bar, intent.reason)
    bit = bound(where, policy, asked=turn.named == where.agent)
    emoji = reaction(intent.thought.text) if intent.branch != "mine" else None
    if bit is None and not fitting:
        bit = "goodbye"
    if bit is None and emoji is not None and where.reacted is not None and where.reacted < APART:
        bit = "reacted_lately"
    if bit is not None:
        reason = f"{intent.reason} Held back: {bit.replace('_', ' ')}."
        return Decision("hold", intent.thought.id, intent.branch, intent.bar, reason, bit)
    act: Act = "speak" if emoji is None else "react"
    return Decision(act, intent.thought.id, intent.branch, intent.bar, intent.reason, emoji=emoji)


def arbitrate(wanting: Mapping[str, tuple[Decision, float]]) -> dict[str, Decision]:
    """Of several agents that would speak, by agent id with their motivation, the highest speaks; ties go to the first id.
    The others hold."""
    speaking = {a: m for a, (d, m) in wanting.items() if d.act in ("speak", "react")}
    winner = min(speaking, key=lambda a: (-speaking[a], a), default=None)
    return {
        agent: decision
        if agent == winner or agent not in speaking
        else replace(decision, act="hold", bound="outbid", reason=f"{decision.reason} Another agent wanted it more.")
        for agent, (decision, _) in wanting.items()
    }
