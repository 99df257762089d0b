"""Does the listener learn from five messages how somebody wants to be spoken to, and nothing from talk that says nothing?

    python -m evals head ../shared/data/chats/dev --people 300

With --reads tiny or small the listener reads hidden states of that model (`python -m training head --reads tiny` fits one).
Simulated people write five messages in phrasings that nothing was trained on (`evals/phrasings`; with --phrasing unheard in those
that were looked at while it was tuned). Every dimension comes
up at least once; some remarks are vague instead, some are taken back, and talk off the point stands between. One JSON line
last: `accuracy` (mean over dimensions of how often the likeliest value is right), `accuracies`, `calibration_error` (expected,
ten bins of the likeliest value's chance, over all dimensions), `moved_by_noise` (part of 1,000 lines of real chats that move any
belief by more than MOVED; null without chats), `by_prior` (accuracy of who always guesses the commonest value), and `ms` a
message by the clock and `processor_ms` (medians).
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from conversation.chats import read_chat
from inference.hidden_embedder import LAYERS, hidden_embedder, reading_with
from inference.loading import load_embedder
from inference.stored_embedder import Embeds
from inference.weights import find_embedder
from personalization.belief import Chances, updated
from personalization.features import Floats
from personalization.listener import Likelihoods, Listener, heard, listener_for
from personalization.person import draw
from personalization.phrasing import Phrasing, phrased, phrasing_in, unheard_for
from personalization.space import Space, space_for

PHRASINGS = Path(__file__).parent / "phrasings"
TURNS = 5
EXTRA = 4
"""Remarks beyond one a dimension."""
VAGUE, BACK, OFF = 0.08, 0.06, 0.3
"""Part of the remarks that are vague instead, that follow the opposite and take it back; part of the messages with talk off
the point in them."""
MOVED = 0.1
BINS = 10
NOISE = 1_000


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals head", description=__doc__)
    parser.add_argument("chats", type=Path, nargs="?", help="folder of real chats, for what noise moves")
    parser.add_argument("--space", default="preferences")
    parser.add_argument("--reads", choices=("embedder", *LAYERS), default="embedder")
    parser.add_argument("--phrasing", choices=("held-out", "unheard"), default="held-out")
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    space, listener = space_for(options.space), listener_for(options.space, options.reads)
    file = options.cache.expanduser() / "embedded" / f"{options.reads}-evals-head.npz"
    embedder = reading_with(options.reads, file, options.cache)
    rng = random.Random(options.seed)
    held_out = options.phrasing == "held-out"
    phrasing = phrasing_in(PHRASINGS, options.space) if held_out else unheard_for(options.space)
    people = [draw(space, rng) for _ in range(options.people)]
    talks = [messages(space, traits, phrasing, rng) for traits in people]
    flat = heard(listener, [m for t in talks for m in t], embedder.embed, [None] * TURNS * len(talks))
    judged = [judged_as(space, flat[i * TURNS : (i + 1) * TURNS], traits) for i, traits in enumerate(people)]
    found = {**figures(space, judged), **noise_figures(space, options.chats, listener, embedder.embed, rng)}
    embedder.save()
    took = milliseconds(listener, talks[:100], reader(options.reads, options.cache))
    named = {"space": space.name, "reads": options.reads, "phrasing": options.phrasing}
    print(json.dumps({**named, "people": len(people), **found, **took}))


def noise_figures(
    space: Space, chats: Path | None, listener: Listener, embed: Callable[[Sequence[str]], Floats], rng: random.Random
) -> dict[str, float | None]:
    if chats is None:
        return {"moved_by_noise": None, "noise": None}
    noise = chat_lines(chats, rng)
    moved = [moves(space, read) for read in heard(listener, noise, embed, [None] * len(noise))]
    return {"moved_by_noise": sum(moved) / max(1, len(moved)), "noise": len(moved)}


def messages(space: Space, traits: Mapping[str, str], phrasing: Phrasing, rng: random.Random) -> list[str]:
    """TURNS messages of one person."""
    names = [d.name for d in space.dimensions]
    about = names + rng.choices(names, k=EXTRA)
    rng.shuffle(about)
    turns: list[list[str]] = [[] for _ in range(TURNS)]
    for i, name in enumerate(about):
        turns[i % TURNS].append(remark(space, name, traits[name], phrasing, rng))
    for turn in turns:
        if rng.random() < OFF:
            turn.insert(rng.randrange(len(turn) + 1), phrased(rng.choice(phrasing.off), rng))
    return [" ".join(turn) for turn in turns]


def remark(space: Space, name: str, value: str, phrasing: Phrasing, rng: random.Random) -> str:
    chance = rng.random()
    own = phrased(rng.choice(phrasing.of(name, value)), rng)
    if chance < VAGUE:
        return phrased(rng.choice(phrasing.vague), rng)
    if chance < VAGUE + BACK:
        other = rng.choice([v for v in space.dimension(name).values if v != value])
        first = phrased(rng.choice(phrasing.of(name, other)), rng)
        return f"{first} {phrased(rng.choice(phrasing.turn), rng)} {own}"
    return own


def chat_lines(folder: Path, rng: random.Random) -> list[str]:
    lines = [m.text for path in sorted(folder.glob("*.jsonl")) for m in read_chat(path).messages if m.text.strip()]
    return rng.sample(lines, min(NOISE, len(lines)))


@dataclass(frozen=True, slots=True)
class Judged:
    """The likeliest value's chance, and whether it is the right one."""

    dimension: str
    chance: float
    right: bool


def judged_as(space: Space, read: Sequence[Likelihoods], traits: Mapping[str, str]) -> list[Judged]:
    found = []
    for d in space.dimensions:
        chances: Chances = d.prior
        for likelihoods in read:
            chances = updated(chances, likelihoods[d.name], d.floor)
        top = max(range(len(chances)), key=chances.__getitem__)
        found.append(Judged(d.name, chances[top], d.values[top] == traits[d.name]))
    return found


def moves(space: Space, read: Likelihoods) -> bool:
    """Whether one message takes any belief further than MOVED from the population's."""
    return any(
        abs(after - before) > MOVED
        for d in space.dimensions
        for after, before in zip(updated(d.prior, read[d.name], d.floor), d.prior, strict=True)
    )


def figures(space: Space, judged: Sequence[Sequence[Judged]]) -> dict[str, object]:
    """Pure."""
    flat = [j for person in judged for j in person]
    by_name = {d.name: [j.right for j in flat if j.dimension == d.name] for d in space.dimensions}
    accuracies = {name: sum(right) / max(1, len(right)) for name, right in by_name.items()}
    return {
        "accuracy": round(sum(accuracies.values()) / len(accuracies), 4),
        "worst": round(min(accuracies.values()), 3),
        "accuracies": {name: round(a, 3) for name, a in accuracies.items()},
        "by_prior": round(statistics.fmean(max(d.prior) for d in space.dimensions), 3),
        "calibration_error": round(calibration_error(flat), 4),
    }


def calibration_error(judged: Sequence[Judged]) -> float:
    """Expected: Σ over bins of their share · |how often right − mean chance|."""
    bins: dict[int, list[Judged]] = {}
    for j in judged:
        bins.setdefault(min(BINS - 1, int(j.chance * BINS)), []).append(j)
    apart = [len(b) * abs(sum(j.right for j in b) - sum(j.chance for j in b)) / len(b) for b in bins.values()]
    return sum(apart) / max(1, len(judged))


def reader(reads: str, cache: Path) -> Embeds:
    """What keeps nothing, so that every sentence is read."""
    return load_embedder(find_embedder()) if reads == "embedder" else hidden_embedder(reads, LAYERS[reads], cache)


def milliseconds(listener: Listener, talks: Sequence[Sequence[str]], reads: Embeds) -> dict[str, float]:
    """From a message to its likelihoods, embedding and all, one message at a time; medians."""
    took, used = [], []
    for message in [m for t in talks for m in t][:200]:
        started, before = time.perf_counter(), time.process_time()
        heard(listener, [message], lambda texts: np.array(reads.embed(texts), dtype=np.float32), [None])
        took.append(time.perf_counter() - started)
        used.append(time.process_time() - before)
    return {"ms": round(1_000 * statistics.median(took), 1), "processor_ms": round(1_000 * statistics.median(used), 1)}
