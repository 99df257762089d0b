"""Learned readers: linear heads that tell what a model too small to rate in words makes of a thought.

    python -m training reader --model tiny ../shared/data/chats/train/*.jsonl

Expected: the talk raises the log-probability of a fitting message, which alone tells a true reply from a random message with AUC
0.754 (on 300 pairs, when it was chosen); the hidden state and the embedder's cosines add to that. Reads real places
(`conversation.places`) under the prompt under which thoughts are read, with a shorter window of talk, and fits one logistic
regression per heuristic of TARGETS, with L2 on standardised features chosen by cross-validation over chats. Writes
heuristics/readers/MODEL.json with the heads that are worth it on the chats of `--dev`, which nothing is fitted or chosen on
besides. One JSON line last.

Coherence: a reply that came against messages of other chats. Filling a gap: an answer to a question against what else was said
soon after in the same chat. Originality: a reply against a message that repeats one of the window. Relevance, Information gap,
Expected impact and Urgency have no such target and stay judged; Balance and Dynamics are counted from the room.
"""

import argparse
import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from conversation.places import Kind, Place, places, told_apart
from heuristics.reader import MEASURES, Head, Reader, gain, measures, write
from inference.connect import connect
from inference.engine import until_ready
from thoughts.examples import Example, examples

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Target:
    """`positive` against `negative`. `asked`: only where a question is answered. `plain`: the measure of the heuristic without a
    reader, which the head must beat."""

    positive: Kind
    negative: tuple[Kind, ...]
    asked: bool
    plain: str


TARGETS: Mapping[str, Target] = {
    "coherence": Target("true", ("reply elsewhere", "elsewhere"), asked=False, plain="gain"),
    "filling_gap": Target("true", ("near",), asked=True, plain="gain"),
    "originality": Target("true", ("again",), asked=False, plain="unlikeness"),
}
WORTH = 0.65
"""AUC on the development chats from which a head is shipped, if it also beats what the heuristic measures without one."""
MARGIN = 0.05
"""By which it must beat it: two standard errors where there are some forty examples of the rarer class."""
PENALTIES = (100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 100_000.0)
"""On the numbers of the hidden state. The last is as good as leaving it out."""
LENIENT = 10.0
"""On the few measures."""
FOLDS = 5
STEPS = 15
READY = 600.0
"""Seconds that a model may take to load."""
READERS = Path(__file__).parents[1] / "heuristics" / "readers"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training reader", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--dev", type=Path, default=Path("../shared/data/chats/dev"))
    parser.add_argument("--places", type=int, default=900)
    parser.add_argument("--window", type=int, default=8, help="messages of talk read before each place")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    train = places(sorted(options.files), options.places, options.places // 8, options.seed)
    dev = places(sorted(options.dev.glob("*.jsonl")), options.places // 3, options.places // 15, options.seed)
    learned, held_out = asyncio.run(_read((train, dev), options.model, options.cache, options.window))
    heads = {name: fit(target, learned) for name, target in TARGETS.items()}
    found = {name: figures(TARGETS[name], head, held_out) for name, head in heads.items()}
    kept = {n: h for n, h in heads.items() if found[n]["auc"] > max(WORTH, found[n]["baseline"] + MARGIN)}
    path = READERS / f"{options.model}.json"
    path.write_text(write(Reader(options.model, len(learned[0].reading.hidden), kept)), encoding="utf-8")
    print(json.dumps({"file": str(path), "shipped": sorted(kept), "examples": len(learned), "heads": found}))


async def _read(
    sets: Sequence[Sequence[Place]], model: str, cache: Path, window: int
) -> tuple[tuple[Example, ...], ...]:
    engine = connect(model, cache=cache, base_url="", api_key="", timeout=300, threads=0)
    await engine.start()
    try:
        await until_ready(engine, READY)
        read = []
        for some in sets:
            found: list[Example] = []
            for place in tqdm(some, desc=f"reading with {model}"):
                found += await examples(place, engine.model, engine.embedder, window)
            read.append(tuple(found))
        return tuple(read)
    finally:
        await engine.close()


def of_target(target: Target, read: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Positives and negatives."""
    fitting = [e for e in read if e.place.question or not target.asked or e.candidate.kind != target.positive]
    positive = [e for e in fitting if e.candidate.kind == target.positive]
    return positive, [e for e in fitting if e.candidate.kind in target.negative]


def fit(target: Target, read: Sequence[Example]) -> Head:
    """The penalty is chosen by cross-validation over chats, then all of `read` is fitted."""
    positive, negative = of_target(target, read)
    both = [*positive, *negative]
    features = np.array([[*e.reading.hidden, *measures(e.reading, e.near)] for e in both])
    centre, spread = features.mean(0), features.std(0) + 1e-6
    standard = (features - centre) / spread
    came = np.array([1.0] * len(positive) + [0.0] * len(negative))
    chats = sorted({e.place.chat for e in both})
    folds = np.array([chats.index(e.place.chat) % FOLDS for e in both])
    best = max(PENALTIES, key=lambda p: _crossed(standard, came, folds, p))
    weights, bias = logistic(standard, came, _penalties(standard, best))
    weights = weights / spread
    width = features.shape[1] - len(MEASURES)
    return Head(
        bias=float(bias - weights @ centre),
        hidden=tuple(weights[:width].tolist()),
        measures=tuple(weights[width:].tolist()),
    )


def _penalties(features: Floats, penalty: float) -> Floats:
    found = np.full(features.shape[1], penalty)
    found[-len(MEASURES) :] = LENIENT
    return found


def _crossed(features: Floats, came: Floats, folds: NDArray[Any], penalty: float) -> float:
    """AUC of what each fold is told by the others."""
    logits = np.zeros(len(came))
    for fold in set(folds.tolist()):
        out = folds == fold
        weights, bias = logistic(features[~out], came[~out], _penalties(features, penalty))
        logits[out] = features[out] @ weights + bias
    return told_apart(logits[came == 1].tolist(), logits[came == 0].tolist())


def logistic(features: Floats, came: Floats, penalties: Floats) -> tuple[Floats, float]:
    """Weights and bias of the penalised logistic regression, both classes counting alike, by Newton's method."""
    rows = np.c_[features, np.ones(len(features))]
    ridge = np.append(penalties, 1e-6)
    share = came.mean()
    counts = np.where(came == 1, 0.5 / share, 0.5 / (1 - share))
    found = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        believed = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (counts * (believed - came)) + ridge * found
        curve = (rows * (counts * believed * (1 - believed))[:, None]).T @ rows + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        found = found - step
        if np.abs(step).max() < 1e-5:
            break
    return found[:-1], float(found[-1])


def figures(target: Target, head: Head, read: Sequence[Example]) -> dict[str, float]:
    """AUC of the head and of what the heuristic measures without it."""
    positive, negative = of_target(target, read)
    one = [head.logit(e.reading.hidden, measures(e.reading, e.near)) for e in positive]
    other = [head.logit(e.reading.hidden, measures(e.reading, e.near)) for e in negative]
    plain = told_apart([_plain(target, e) for e in positive], [_plain(target, e) for e in negative])
    return {
        "auc": round(told_apart(one, other), 3),
        "baseline": round(plain, 3),
        "positives": len(positive),
        "negatives": len(negative),
    }


def _plain(target: Target, example: Example) -> float:
    return gain(example.reading) if target.plain == "gain" else 1.0 - max((n.cosine for n in example.near), default=0.0)
