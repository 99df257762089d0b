"""The scale of one model, read from real chats: what it usually says of a thought becomes 3, and how much that varies becomes
one point on the scale of 1–5.

    python -m training calibrate --model tiny --points 150 ../shared/data/chats/train/*.jsonl

Expected: a small model's ratings of different thoughts differ by hundredths, so that without a gain of its own every thought
of it would be a 3. Plays a participant at each decision point (`training.moments`), runs the five stages, and writes
heuristics/calibrations/MODEL.json: offsets, gains, centres and slopes; the bars of the presets as quantiles of the motivation
reached, so that each preset speaks at the rate given in RATES; and the factors of the turn, which bring the mean probability
of "the agent is next" and "anyone is next" to how often it was so. No other label is used: the weights stay equal. One JSON
line last.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm import tqdm

from conversation.score import Raw
from conversation.thought import Thought
from heuristics.calibration import Bars, Calibration, Scale, TurnScale, calibration_for
from heuristics.motivation import HEURISTICS, motivation, recalibrated
from inference.connect import connect
from inference.engine import Engine, until_ready
from thoughts.pipeline import Thinker, think
from thoughts.policy import Policy
from thoughts.prompts import ANYONE
from training.moments import Point, points

SPREAD = 0.8
"""Standard deviation of a calibrated score, in points: two of them span the scale from 1.4 to 4.6."""
RATES = {
    "selective": {"im_threshold": 0.10, "interrupt_threshold": 0.01, "system1_prob": 0.0},
    "active": {"im_threshold": 0.35, "interrupt_threshold": 0.05, "system1_prob": 0.2},
    "chatty": {"im_threshold": 0.75, "interrupt_threshold": 0.30, "system1_prob": 0.7},
}
"""Part of the moments whose best thought reaches each bar; the chance that a System 1 thought slips out below it."""
ALLOCATED = {"selective": 0.95, "active": 0.99, "chatty": 1.0}
"""The same when the agent is asked: hardly anything is held back then."""
MODEL_MEASURES = frozenset({"coherence", "filling_gap", "originality"})
"""Measures that depend on the model or the embedder. Balance, dynamics and silence are counted from the room and mean the
same under every model: their scale is not fitted."""
ROUNDS = 200
"""Of iterative scaling; it is still within a thousandth long before."""
READY = 600.0
"""Seconds that a model may take to load."""
CALIBRATIONS = Path(__file__).parents[1] / "heuristics" / "calibrations"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training calibrate", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--points", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    sampled = points(sorted(options.files), options.points, options.seed)
    started = time.perf_counter()
    rated = asyncio.run(_rate(sampled, options.model, options.cache))
    fitted = fit(options.model, rated)
    path = CALIBRATIONS / f"{options.model}.json"
    path.write_text(json.dumps(asdict(fitted), indent=2) + "\n", encoding="utf-8")
    seconds = time.perf_counter() - started
    print(
        json.dumps(
            {
                "calibration": fitted.name,
                "points": len(rated),
                "thoughts": sum(len(r.thoughts) for r in rated),
                "turns_asked": sum(bool(r.chances) for r in rated),
                "turn": asdict(fitted.turn),
                "seconds_per_point": round(seconds / max(1, len(sampled)), 2),
                "bars": {name: asdict(bars) for name, bars in fitted.presets.items()},
            }
        )
    )


@dataclass(frozen=True, slots=True)
class Rated:
    """What one moment gave: its thoughts with raw scores; where the model was asked for the turn, its chances by member id
    and `anyone`, and who was next (`anyone` for those it was not asked about)."""

    thoughts: tuple[Thought, ...]
    chances: Mapping[str, float]
    agent: str
    next_author: str


async def _rate(sampled: Sequence[Point], model: str, cache: Path) -> list[Rated]:
    engine = connect(model, cache=cache, base_url="", api_key="", timeout=300, threads=0)
    await engine.start()
    try:
        await until_ready(engine, READY)
        return [await _rated(p, engine) for p in tqdm(sampled, desc=f"rating with {model}")]
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
    return Rated(run.thoughts, chances, point.moment.agent.id, next_author)


def fit(model: str, moments: Sequence[Rated]) -> Calibration:
    """Pure. Moments without a thought tell nothing of scores, those whose turn was named nothing of the turn."""
    start = calibration_for("default")
    rated = [m.thoughts for m in moments if m.thoughts]
    by_name: dict[str, list[Raw]] = {h.name: [] for h in HEURISTICS}
    for thought in (t for thoughts in rated for t in thoughts):
        for score in thought.scores:
            by_name[score.heuristic].append(score.raw)
    scales = {name: _scale(name, raws, start.scale(name)) for name, raws in by_name.items()}
    scaled = Calibration(f"{model}-2", scales, start.weights, {}, _turn_scale([m for m in moments if m.chances]))
    best = sorted(max(_drive(t, scaled) for t in thoughts) for thoughts in rated)
    presets = {
        name: Bars(
            im_threshold=_reached(best, rate["im_threshold"]),
            interrupt_threshold=_reached(best, rate["interrupt_threshold"]),
            allocated_threshold=_reached(best, ALLOCATED[name]),
            system1_prob=rate["system1_prob"],
        )
        for name, rate in RATES.items()
    }
    return Calibration(scaled.name, scales, scaled.weights, presets, scaled.turn)


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


def _drive(thought: Thought, calibration: Calibration) -> float:
    policy = Policy()
    return motivation(recalibrated(thought.scores, calibration), calibration, policy.silence_growth, policy.silence_cap)


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


def _reached(best: Sequence[float], rate: float) -> float:
    """The bar that the given part of `best` (ascending) reaches."""
    if rate >= 1.0 or not best:
        return 1.0
    return round(best[min(len(best) - 1, int(len(best) * (1 - rate)))], 2)
