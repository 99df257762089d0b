"""Why an agent spoke or stayed silent, in plain words from what its run stored. Pure. No word here comes from a thought: what was
not said stays private."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conversation.decision import Bound, Decision
from conversation.score import Score
from heuristics.calibration import NEUTRAL
from heuristics.motivation import HEURISTICS

SHOWN = 2
"""Heuristics named for, and against."""

_TITLES = {h.name: h.title for h in HEURISTICS}

BOUND_WORDS: Mapping[Bound, str] = {
    "muted": "an owner has muted it",
    "hushed": "a member asked it to be quiet",
    "shadow": "it is in shadow: it thinks and says nothing",
    "suggest": "an owner has to let it through first",
    "quiet_hours": "these are its quiet hours",
    "talk_share": "its share of the talk is used up",
    "messages_per_hour": "its messages of this hour are used up",
    "tokens_per_day": "its tokens of this day are used up",
    "min_gap": "it spoke too short a time ago",
    "agent_budget": "agents have written enough since a person last did",
    "own_turn": "it wrote the last message itself",
    "outbid": "another agent wanted it more",
    "reacted_lately": "it reacted to something a moment ago",
    "goodbye": "somebody is leaving, and what it thought of would hold them back",
}
_BRANCHES = {
    "mine": "it was asked",
    "open": "anybody might have spoken",
    "theirs": "somebody else was expected to speak",
    "none": "",
}


@dataclass(frozen=True, slots=True)
class Argument:
    """One heuristic of the thought that the decision was about; `value` on the scale 1–5, 3 says nothing either way."""

    heuristic: str
    title: str
    value: float


@dataclass(frozen=True, slots=True)
class Why:
    """`speaking`, `against`: at most two each, the strongest first."""

    words: tuple[str, ...]
    speaking: tuple[Argument, ...] = ()
    against: tuple[Argument, ...] = ()


def arguments(
    scores: Sequence[Score], weights: Mapping[str, float]
) -> tuple[tuple[Argument, ...], tuple[Argument, ...]]:
    """Those that argued most for speaking and most against it, by weight and distance from neutral."""
    pulls = sorted(
        ((weights.get(s.heuristic, 1.0) * (s.value - NEUTRAL), s) for s in scores),
        key=lambda p: (-abs(p[0]), p[1].heuristic),
    )
    chosen = [
        tuple(
            Argument(s.heuristic, _TITLES.get(s.heuristic, s.heuristic), s.value)
            for pull, s in pulls
            if side * pull > 0
        )
        for side in (1, -1)
    ]
    return chosen[0][:SHOWN], chosen[1][:SHOWN]


def why(
    decision: Decision,
    gate: str | None,
    failed: bool,
    outcome: str | None,
    drive: float | None,
    scores: Sequence[Score],
    weights: Mapping[str, float],
) -> Why:
    """`drive` and `scores`: of the thought that the decision is about, where there is one. `outcome`: what became of speaking."""
    if failed:
        return Why(("Thinking failed, so it said nothing.",))
    if gate is not None:
        because = f", because {BOUND_WORDS[decision.bound]}" if decision.bound is not None else f": {gate}"
        return Why((f"It did not think about this{because}.",))
    if drive is None:
        return Why(("Nothing new came to its mind.",))
    speaking, against = arguments(scores, weights)
    words = [f"It {_ACTS.get((decision.act, outcome), _ACTS[decision.act, None])}.", *_bar(decision, drive)]
    if speaking:
        words.append(f"Most for speaking: {_listed(speaking)}.")
    if against:
        words.append(f"Most against: {_listed(against)}.")
    if decision.bound is not None:
        words.append(f"It held back, because {BOUND_WORDS[decision.bound]}.")
    return Why(tuple(words), speaking, against)


_ACTS: Mapping[tuple[str, str | None], str] = {
    ("speak", None): "decided to speak",
    ("speak", "said"): "spoke",
    ("speak", "superseded"): "wanted to speak, and the room had gone on",
    ("speak", "dropped"): "wanted to speak and found no words that were worth a message",
    ("speak", "failed"): "wanted to speak, and writing failed",
    ("react", None): "had no more to say than a nod, so it reacted",
    ("hold", None): "kept a thought to itself",
    ("hold", "said"): "spoke, when an owner let it through",
    ("silent", None): "stayed silent",
}


def _bar(decision: Decision, drive: float) -> list[str]:
    if decision.bar is None:
        return []
    reached = drive >= decision.bar
    told = "reached" if reached else "did not reach"
    words = [
        f"Its wish to speak ({drive:.1f} of 5) {told} the bar ({decision.bar:.1f}), while {_BRANCHES[decision.branch]}."
    ]
    if not reached and decision.act in ("speak", "react"):
        words.append("Now and then a first thought slips out all the same.")
    return words


def _listed(arguments: Sequence[Argument]) -> str:
    return " and ".join(f"{one.title} ({one.value:.1f})" for one in arguments)
