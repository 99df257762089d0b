"""What does each part bring? The measurement of `evals timing` with one part taken away at a time.

    python -m evals ablation ../shared/data/chats/dev --model tiny --limit 2000 --sample 300

Heuristics, facts, thoughts and the way ratings are read are taken away from stored raw scores, with no model call. Memories and
their fading change what is thought, and so does a reservoir: thoughts of HELD messages before, held until now. These ask the
model again, on `--sample` points of all chats. A table, and one JSON line last: the AUC of each variant, what it loses against
the whole on the same points, and its interval over chats.
"""

import argparse
import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from conversation.score import Score
from evals.figures import Guess, auc, interval
from evals.played import Played
from evals.timing import NONE, Answered, answered, arguments_of, calibration_of, calls, play_all
from heuristics.calibration import Calibration
from heuristics.facts import HUNCH
from heuristics.motivation import HEURISTICS
from thoughts.points import Point
from thoughts.policy import Policy

HELD = 3
"""Messages before a decision point about which the agent with a reservoir has thought already; the others start empty."""
Variant = Callable[[Played, Calibration, Policy], float]
Rows = Mapping[str, Sequence[float]]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals ablation", description=__doc__)
    arguments_of(parser)
    parser.add_argument("--sample", type=int, default=0, help="points of the variants that ask the model again")
    options = parser.parse_args(arguments)
    seen, calibration = answered(options), calibration_of(options)
    found = compare(seen, {name: [v(a, calibration, Policy()) for _, a in seen] for name, v in variants().items()})
    if options.sample and options.model != NONE:
        found |= _again(spread(seen, options.sample), options, calibration)
    print(json.dumps({"model": options.model, "calibration": calibration.name, "points": len(seen), "variants": found}))


def spread(seen: Sequence[Answered], many: int) -> Sequence[Answered]:
    """At most `many`, as far from each other as may be: points lie chat after chat."""
    return [seen[n * len(seen) // many] for n in range(many)] if many < len(seen) else seen


def variants() -> dict[str, Variant]:
    """The whole comes first; the others lack what their name says."""
    whole: Variant = lambda answer, calibration, policy: answer.drive(calibration, policy)  # noqa: E731
    return {
        "whole": whole,
        **{f"without {h.title}": _without(h.name) for h in HEURISTICS},
        "without facts": lambda answer, calibration, policy: answer.drive(_factless(calibration), policy),
        "without the hunch": lambda answer, calibration, policy: answer.drive(_unguessed(calibration), policy),
        "without thoughts": lambda answer, calibration, policy: replace(answer, thoughts=()).drive(calibration, policy),
        "without growth": lambda a, calibration, policy: a.drive(calibration, replace(policy, silence_growth=1.0)),
        "written ratings": lambda answer, calibration, policy: _written(answer).drive(calibration, policy),
    }


def _without(heuristic: str) -> Variant:
    def drive(answer: Played, calibration: Calibration, policy: Policy) -> float:
        return answer.drive(replace(calibration, weights={**calibration.weights, heuristic: 0.0}), policy)

    return drive


def _factless(calibration: Calibration) -> Calibration:
    return replace(calibration, scales={name: replace(s, maps={}) for name, s in calibration.scales.items()})


def _unguessed(calibration: Calibration) -> Calibration:
    scales = {
        name: replace(scale, maps={fact: curve for fact, curve in scale.maps.items() if fact != HUNCH})
        for name, scale in calibration.scales.items()
    }
    return replace(calibration, scales=scales)


def _written(answer: Played) -> Played:
    """As if the model had written the digit that it gave most to."""
    return replace(answer, thoughts=tuple(tuple(map(_digit, scores)) for scores in answer.thoughts))


def _digit(score: Score) -> Score:
    if score.distribution is None:
        return score
    digit = 1 + max(range(5), key=score.distribution.__getitem__)
    return replace(score, raw=replace(score.raw, judged=float(digit)))


def _again(
    seen: Sequence[Answered], options: argparse.Namespace, calibration: Calibration
) -> dict[str, dict[str, float]]:
    """Those that change what the model is shown."""
    sampled = [p for p, _ in seen]
    cache = options.cache.expanduser()

    def again(some: Sequence[Point], policy: Policy, earlier: int = 0) -> list[Answered]:
        return asyncio.run(play_all(some, options.model, cache, policy, options.at_once, earlier))

    rows = {
        "sample": seen,
        "sample without fading": again(sampled, Policy(decay=1.0)),
        "sample without memories": again([replace(p, memories=()) for p in sampled], Policy()),
        "sample with a reservoir": again(sampled, Policy(), HELD),
    }
    if any(len(some) != len(seen) for some in rows.values()):
        raise SystemExit("some points failed; run it again")
    return compare(seen, {name: [a.drive(calibration, Policy()) for _, a in some] for name, some in rows.items()})


def compare(seen: Sequence[Answered], rows: Rows) -> dict[str, dict[str, float]]:
    """By variant; the first of `rows` is what the others are held against. Prints the table."""
    first = next(iter(rows.values()))
    labels = [(p.chat, p.spoke, calls(p)) for p, _ in seen]
    found = {}
    for name, values in rows.items():
        pairs = list(zip(labels, values, first, strict=True))
        own = [Guess(chat, score, spoke, called) for (chat, spoke, called), score, _ in pairs]
        whole = {id(g): replace(g, score=score) for g, (_, _, score) in zip(own, pairs, strict=True)}
        low, high = interval(own, lambda some, whole=whole: auc(some) - auc([whole[id(g)] for g in some]), 0)  # type: ignore[misc]
        change = auc(own) - auc(list(whole.values()))
        found[name] = {"auc": _short(auc(own)), "change": _short(change), "low": _short(low), "high": _short(high)}
        print(f"{name:32} {auc(own):.4f} {change:+.4f} ({low:+.4f} … {high:+.4f})")
    return found


def _short(value: float) -> float:
    return round(value, 4)
