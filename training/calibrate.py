"""The calibration of one model, fitted on real chats: what each number of a thought and of the talk adds to the log-odds that
somebody in the agent's place writes the next message.

    python -m training calibrate --model tiny --points 300 ../shared/data/chats/train/*.jsonl

Three steps. Facts of the talk ask no model, so they come from every few messages of all chats: one readable map a fact, fitted
together as a logistic regression (`training.lean`). What the model says of thoughts comes from `--points` moments run through
the five stages: its usual rating becomes 3, and its spread counts what makes the moments likeliest. The bars come last, from
rates (`training.bars`).
With `--points 0` no model is asked, and what the model says keeps the scales of its shipped calibration. Writes
heuristics/calibrations/MODEL.json. One JSON line last.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import log
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from conversation.score import Raw, Score
from conversation.thought import Thought
from heuristics.calibration import HIGHEST, LOWEST, Calibration, Curve, Scale, TurnScale, calibration_for
from heuristics.facts import FACTS, HUNCH, hunch
from heuristics.motivation import HEURISTICS, motivation, recalibrated, unthought
from inference.connect import connect
from inference.engine import Engine, until_ready
from thoughts.pipeline import Thinker, think
from thoughts.points import Point, points
from thoughts.policy import Policy
from thoughts.prompts import ANYONE
from training import lean
from training.bars import bars, usual_rate
from training.hunch import hunches
from training.occasions import Occasions, occasions

Floats = NDArray[np.floating[Any]]

SPREAD = 0.8
"""Standard deviation of a calibrated score, in points: two of them span the scale from 1.4 to 4.6."""
JUDGED_ODDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
"""What a spread of a heuristic's rating may move in log-odds. None is nothing: it keeps two thoughts of one moment apart."""
LEAST_WEIGHT = 0.05
REACH = 2.0
"""Points from neutral to either end of the scale: the largest that facts add up to may not pass it."""
MODEL_MEASURES = frozenset({"coherence", "filling_gap", "originality"})
"""Measures that depend on the model or the embedder. Balance, dynamics and silence are counted from the room and mean the
same under every model: their scale is not fitted."""
VERSION = 8
"""Of what is counted and fitted here: it is in the name of a calibration, and a run that was stored under another is rated
anew."""
FARTHEST = 3.0
"""What a hunch may add to the log-odds or take from them."""
AS_IT_IS: Curve = ((-FARTHEST, -FARTHEST), (FARTHEST, FARTHEST))
LIFT = 0.11
"""What the best of three thoughts adds to the log-odds of the talk alone where no moment was rated: the mean of `tiny`'s."""
LEAST_OCCASIONS = 5
ROUNDS = 200
"""Of iterative scaling; it is still within a thousandth long before."""
READY = 600.0
"""Seconds that a model may take to load."""
CALIBRATIONS = Path(__file__).parents[1] / "heuristics" / "calibrations"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training calibrate", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--points", type=int, default=300)
    parser.add_argument("--every", type=int, default=2, help="messages between those whose occasions are counted")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--at-once", type=int, default=8, help="moments that share the model (default: %(default)s)")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    files = sorted(options.files)
    seen = occasions(files, options.every)
    started = time.perf_counter()
    sampled = points(files, options.points, options.seed) if options.points else ()
    rated = asyncio.run(_rate(sampled, options.model, options.cache, options.at_once)) if sampled else []
    seconds = time.perf_counter() - started
    fitted = fit(options.model, seen, rated)
    path = CALIBRATIONS / f"{options.model}.json"
    path.write_text(json.dumps(asdict(fitted)) + "\n", encoding="utf-8")
    print(
        json.dumps(
            {
                "calibration": fitted.name,
                "occasions": len(seen.spoke),
                "points": len(rated),
                "thoughts": sum(len(r.thoughts) for r in rated),
                "weights": fitted.weights,
                "turn": asdict(fitted.turn),
                "seconds_per_point": round(seconds / max(1, len(sampled)), 2),
                "bars": {name: asdict(found) for name, found in fitted.presets.items()},
            }
        )
    )


@dataclass(frozen=True, slots=True)
class Rated:
    """What one moment gave: its thoughts with raw scores; where the model was asked for the turn, its chances by member id
    and `anyone`, and who was next (`anyone` for those it was not asked about); `bare`: the scores without a thought; `spoke`:
    whether it was the agent that was next."""

    thoughts: tuple[Thought, ...]
    chances: Mapping[str, float]
    agent: str
    next_author: str
    bare: tuple[Score, ...]
    spoke: bool


async def _rate(sampled: Sequence[Point], model: str, cache: Path, at_once: int) -> list[Rated]:
    engine = connect(model, cache=cache, base_url="", api_key="", timeout=300, threads=0)
    await engine.start()
    try:
        await until_ready(engine, READY)
        gate, bar = asyncio.Semaphore(at_once), tqdm(total=len(sampled), desc=f"rating with {model}")

        async def rated(point: Point) -> Rated:
            async with gate:
                found = await _rated(point, engine)
                bar.update()
                return found

        return list(await asyncio.gather(*map(rated, sampled)))
    finally:
        await engine.close()


async def _rated(point: Point, engine: Engine) -> Rated:
    thinker = Thinker(
        persona="",
        memories=point.memories,
        policy=Policy(),
        calibration=calibration_for("default"),
        model=engine.model,
        embedder=engine.embedder,
        tick=time.perf_counter,
    )
    run = await think(f"{point.chat}-{point.moment.trigger.seq}", point.moment, (), thinker)
    asked = run.turn is not None and run.turn.named is None
    chances = run.turn.chances if run.turn is not None and asked else {}
    next_author = point.next_author if point.next_author in chances else ANYONE
    bare = unthought(point.moment, thinker.calibration)
    return Rated(run.thoughts, chances, point.moment.agent.id, next_author, bare, point.spoke)


def fit(model: str, seen: Occasions, moments: Sequence[Rated]) -> Calibration:
    """Pure. Without `moments` what the model says keeps the scales that its calibration has."""
    policy = Policy()
    shipped = calibration_for(model)
    told = _told(moments) if moments else {name: replace(s, maps={}) for name, s in shipped.scales.items()}
    grown = np.minimum(np.nan_to_num(seen.facts["turns"]), policy.silence_cap) * log(policy.silence_growth)
    guessed = np.clip(hunches(hunch(), seen), -FARTHEST, FARTHEST)
    maps, bias = lean.fit(seen.facts, seen.spoke, grown + guessed)
    facts, maps = {**seen.facts, HUNCH: guessed}, {**maps, HUNCH: AS_IT_IS}
    base = float(np.log(seen.spoke.mean() / (1 - seen.spoke.mean())))
    own = {h.name: {fact: maps[fact] for fact in FACTS[h.name] if fact in maps} for h in HEURISTICS}
    weights = {
        name: round(max(LEAST_WEIGHT, float(np.abs(lean.logits(some, facts)).max()) / REACH), 4)
        for name, some in own.items()
    }
    turn = _turn_scale([m for m in moments if m.chances]) if moments else shipped.turn

    def counting(judged: float) -> Calibration:
        """Where a spread of a rating moves `judged` in log-odds."""
        scales = {}
        for name, weight in weights.items():
            # A rating's share in log-odds stays what it was where its scale comes from an earlier fit.
            before = shipped.weights[name] if shipped.bias is not None and not moments else judged / SPREAD
            scales[name] = _joined(name, told[name], own[name], before / weight, weight)
        return Calibration(f"{model}-{VERSION}", scales, weights, shipped.presets, turn, round(bias - base, 4))

    found = _least(
        [counting(judged) for judged in (JUDGED_ODDS if moments else JUDGED_ODDS[:1])], moments, policy, base
    )
    odds = lean.logits(maps, facts) + grown + bias - base
    # A preset's rate is that of the best of several thoughts, which argues for speaking oftener than the talk alone.
    lifts = [_odds(m, found, policy) - _odds(replace(m, thoughts=()), found, policy) for m in moments] or [LIFT]
    odds = odds + np.random.default_rng(0).choice(np.array(lifts), len(odds))
    open_turns = ~seen.called
    usual = usual_rate(seen.spoke[open_turns], seen.who[open_turns], LEAST_OCCASIONS)
    return replace(found, presets=bars(odds, seen.called, seen.others, usual))


def _odds(moment: Rated, calibration: Calibration, policy: Policy) -> float:
    """Log-odds relative to usual: of the thought that is moved the most, or of the talk alone where there is none."""
    some = [t.scores for t in moment.thoughts] or [moment.bare]
    best = max(
        motivation(recalibrated(scores, calibration), calibration, policy.silence_growth, policy.silence_cap)
        for scores in some
    )
    return log((best - LOWEST) / (HIGHEST - best))


def _least(some: Sequence[Calibration], moments: Sequence[Rated], policy: Policy, base: float) -> Calibration:
    """The first that is within a standard error of the likeliest on `moments`: what the ratings of a model may move is what they
    are seen to be good for, and no more (the rule of one standard error: Breiman and others, 1984)."""
    if len(some) == 1:
        return some[0]
    each = [_likelihoods(one, moments, policy, base) for one in some]
    best = max(each, key=np.sum)
    behind = [best - one for one in each]
    return next(one for one, less in zip(some, behind, strict=True) if less.sum() <= np.sqrt(len(less)) * less.std())


def _likelihoods(calibration: Calibration, moments: Sequence[Rated], policy: Policy, base: float) -> Floats:
    """Log-likelihood of who spoke at each moment, with a level of its own: the best of several thoughts is above the talk alone
    by more or less."""
    odds = np.array([_odds(m, calibration, policy) + base for m in moments])
    spoke = np.array([m.spoke for m in moments], bool)
    levels = odds[:, None] - np.linspace(-1.0, 2.0, 61)
    each = np.where(spoke[:, None], levels, 0.0) - np.logaddexp(0.0, levels)
    found: Floats = each[:, each.sum(0).argmax()]
    return found


def _told(moments: Sequence[Rated]) -> dict[str, Scale]:
    start = calibration_for("default")
    by_name: dict[str, list[Raw]] = {h.name: [] for h in HEURISTICS}
    for thought in (t for m in moments for t in m.thoughts):
        for score in thought.scores:
            by_name[score.heuristic].append(score.raw)
    return {name: _scale(name, raws, start.scale(name)) for name, raws in by_name.items()}


def _joined(name: str, told: Scale, maps: Mapping[str, Curve], share: float, weight: float) -> Scale:
    """`told`, what the model says of it times `share`, and `maps` in points. Silence is its facts alone."""
    points_of = {fact: tuple((x, round(y / weight, 4)) for x, y in curve) for fact, curve in maps.items()}
    slope = 0.0 if name == "silence" else told.slope * share if name in MODEL_MEASURES else told.slope
    return replace(told, gain=round(told.gain * share, 4), slope=round(slope, 4), maps=points_of)


def _turn_scale(moments: Sequence[Rated]) -> TurnScale:
    """The factors under which the mean probabilities of agent and anyone are what was observed: iterative scaling, as for
    a classifier whose classes are more or less frequent than it believes."""
    agent = anyone = 1.0
    if not moments:
        return TurnScale()
    seen_agent = (sum(m.next_author == m.agent for m in moments) + 0.5) / (len(moments) + 1)
    seen_anyone = (sum(m.next_author == ANYONE for m in moments) + 0.5) / (len(moments) + 1)
    for _ in range(ROUNDS):
        mean_agent = mean_anyone = 0.0
        for m in moments:
            mine, free = m.chances[m.agent] * agent, m.chances[ANYONE] * anyone
            total = sum(m.chances.values()) - m.chances[m.agent] - m.chances[ANYONE] + mine + free
            mean_agent += mine / total / len(moments)
            mean_anyone += free / total / len(moments)
        agent *= seen_agent / mean_agent
        anyone *= seen_anyone / mean_anyone
    return TurnScale(round(agent, 4), round(anyone, 4))


def _scale(name: str, raws: Sequence[Raw], start: Scale) -> Scale:
    judged = [r.judged - r.baseline for r in raws if r.judged is not None and r.baseline is not None]
    measured = [r.measured for r in raws if r.measured is not None]
    offset, gain = _standard(judged, 0.0, start.gain)
    centre, slope = start.centre, start.slope
    if name in MODEL_MEASURES:
        centre, slope = _standard(measured, start.centre, start.slope)
    return Scale(offset, gain, centre, slope, start.mix)


def _standard(values: Sequence[float], centre: float, gain: float) -> tuple[float, float]:
    """Mean and the factor that brings the standard deviation to SPREAD; what was given where there is nothing to fit."""
    if len(values) < 2 or (spread := statistics.stdev(values)) < 1e-6:
        return centre, gain
    return round(statistics.fmean(values), 4), round(SPREAD / spread, 4)
