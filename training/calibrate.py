"""The scale of one model, read from real chats: what it usually says of a thought becomes 3, and how much that varies becomes
one point on the scale of 1–5.

    python -m training calibrate --model tiny --points 150 ../shared/data/chats/train/*.jsonl

Expected: a small model's ratings of different thoughts differ by hundredths, so that without a gain of its own every thought
of it would be a 3. Plays a participant at each decision point (`training.moments`), runs the five stages, and writes
heuristics/calibrations/MODEL.json: offsets, gains, centres and slopes, and the bars of the presets as quantiles of the
motivation reached, so that each preset speaks at the rate given in RATES. No label is used: the weights stay equal.
One JSON line last.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from inference.connect import connect
from tqdm import tqdm

from conversation.score import Raw
from conversation.thought import Thought
from heuristics.calibration import Bars, Calibration, Scale, calibration_for
from heuristics.motivation import HEURISTICS, motivation, recalibrated
from inference.engine import Engine, until_ready
from thoughts.pipeline import Thinker, think
from thoughts.policy import Policy
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
MODEL_MEASURES = frozenset({"coherence", "originality"})
"""Measures that depend on the model or the embedder. Balance, dynamics and silence are counted from the room and mean the
same under every model: their scale is not fitted."""
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
                "thoughts": sum(map(len, rated)),
                "seconds_per_point": round(seconds / max(1, len(sampled)), 2),
                "bars": {name: asdict(bars) for name, bars in fitted.presets.items()},
            }
        )
    )


async def _rate(sampled: Sequence[Point], model: str, cache: Path) -> list[tuple[Thought, ...]]:
    engine = connect(model, cache=cache, base_url="", api_key="", timeout=300, threads=0)
    await engine.start()
    try:
        await until_ready(engine, READY)
        return [t for p in tqdm(sampled, desc=f"rating with {model}") if (t := await _thoughts(p, engine))]
    finally:
        await engine.close()


async def _thoughts(point: Point, engine: Engine) -> tuple[Thought, ...]:
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
    return run.thoughts


def fit(model: str, rated: Sequence[tuple[Thought, ...]]) -> Calibration:
    """`rated`: of each moment, its thoughts with raw scores. Pure."""
    start = calibration_for("default")
    by_name: dict[str, list[Raw]] = {h.name: [] for h in HEURISTICS}
    for thought in (t for thoughts in rated for t in thoughts):
        for score in thought.scores:
            by_name[score.heuristic].append(score.raw)
    scales = {name: _scale(name, raws, start.scale(name)) for name, raws in by_name.items()}
    scaled = Calibration(f"{model}-1", scales, start.weights, {})
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
    return Calibration(scaled.name, scales, scaled.weights, presets)


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
