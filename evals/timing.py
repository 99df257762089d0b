"""Does it speak at the right moments?

    python -m evals timing ../shared/data/chats/dev --model tiny --limit 2000 --out predictions.jsonl

At each decision point (a message by somebody else; the participant wrote six messages or more and spoke within the last 60)
Aside plays the participant: it remembers only what the participant said before, runs the whole pipeline, and its motivation
is the score; the label is whether the participant wrote the next message. `--model none` asks no model: what is measured from
the talk alone. Answers are kept under `--cache`, so that a run can be interrupted and repeated; `--stored` reports on what is
there. Replies are told from the text: the links of annotators, made knowing what came later, are taken out. A table, and one
JSON line last.
"""

import argparse
import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from conversation.standing import talk_of
from evals.figures import Guess, auc, average_precision, counts, interval
from evals.played import Kept, Measure, Played, key_of, play, unasked
from evals.presets import preset_rates, usual_rate
from evals.structure import structural
from heuristics.calibration import Calibration, calibration_for
from inference.connect import connect
from inference.engine import until_ready
from thoughts.points import Point, points
from thoughts.policy import Policy

READY = 600.0
"""Seconds that a model may take to load."""
ANSWER = 3_600.0
"""Seconds that an answer may take: a measurement may be stopped and go on."""
NONE = "none"
Answered = tuple[Point, Played]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals timing", description=__doc__)
    arguments_of(parser)
    parser.add_argument("--out", type=Path, help="predictions, one JSON object a line")
    options = parser.parse_args(arguments)
    seen = answered(options)
    calibration, policy = calibration_of(options), Policy()
    scores = [p.drive(calibration, policy) for _, p in seen]
    if options.out is not None:
        write(options.out, seen, scores)
    presets = preset_rates([p for p, _ in seen], scores, calibration, usual_rate(files_of(options)))
    found = {"model": options.model, "calibration": calibration.name, **report(seen, scores, options.seed)}
    print(json.dumps({**found, "presets": presets}))


def arguments_of(parser: argparse.ArgumentParser) -> None:
    """What every measurement over decision points takes."""
    parser.add_argument("files", type=Path, nargs="+", help="chats, or folders of chats")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--calibration", help="name of a model; that of --model unless given")
    parser.add_argument("--limit", type=int, default=2000)
    parser.add_argument("--participants", type=int, default=0, help="members of each chat that are played; 0: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--at-once", type=int, default=1, help="points that share the model (default: %(default)s)")
    parser.add_argument("--stored", action="store_true", help="ask nothing: report on the points answered so far")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))


def calibration_of(options: argparse.Namespace) -> Calibration:
    return calibration_for(options.calibration or ("tiny" if options.model == NONE else options.model))


def files_of(options: argparse.Namespace) -> list[Path]:
    return [f for given in options.files for f in (sorted(given.glob("*.jsonl")) if given.is_dir() else [given])]


def answered(options: argparse.Namespace) -> list[Answered]:
    sampled = points(files_of(options), options.limit, options.seed, options.participants)
    if options.model == NONE:
        return [(p, unasked(p, calibration_of(options))) for p in tqdm(sampled, desc="measuring")]
    at_once = 0 if options.stored else options.at_once
    return asyncio.run(play_all(sampled, options.model, options.cache.expanduser(), Policy(), at_once))


async def play_all(
    sampled: Sequence[Point], model: str, cache: Path, policy: Policy, at_once: int = 1, earlier: int = 0
) -> list[Answered]:
    """Those that were answered before cost nothing; those that failed are left out, and tried again the next time. `at_once`:
    points that share the model (0: nothing is asked); the more, the sooner all are done, and the longer each takes. `earlier`:
    as in `play`."""
    kept = Kept(cache / "timing" / f"{model.replace('/', '-')}.jsonl")
    keys = [key_of(p, model, policy, earlier) for p in sampled]
    missing = [(p, k) for p, k in zip(sampled, keys, strict=True) if kept.get(k) is None]
    if missing and at_once:
        engine = connect(model, cache=cache, base_url="", api_key="", timeout=ANSWER, threads=0)
        await engine.start()
        try:
            await until_ready(engine, READY)
            gate, bar = asyncio.Semaphore(at_once), tqdm(total=len(missing), desc=f"thinking with {model}")

            async def answer(point: Point, key: str) -> None:
                async with gate:
                    played = await play(point, engine, calibration_for(model), policy, earlier)
                    if played.error is None:
                        kept.put(key, played)
                    bar.update()

            async with asyncio.TaskGroup() as group:
                for point, key in in_turn(missing):
                    group.create_task(answer(point, key))
        finally:
            await engine.close()
    found = [(p, kept.get(k)) for p, k in zip(sampled, keys, strict=True)]
    return [(p, answer.counted(p, calibration_for(model))) for p, answer in found if answer is not None]


def in_turn(missing: Sequence[tuple[Point, str]]) -> list[tuple[Point, str]]:
    """A draw of each chat in turn, so that whatever part is done when a run is stopped stands for all chats."""
    some = random.Random(0).sample(missing, len(missing))
    before: Counter[str] = Counter()
    place = []
    for point, _ in some:
        before[point.chat] += 1
        place.append(before[point.chat])
    return [some[n] for n in sorted(range(len(some)), key=place.__getitem__)]


def write(path: Path, seen: Iterable[Answered], scores: Iterable[float]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for (point, _), score in zip(seen, scores, strict=True):
            assert point.moment.last is not None, "a point is about a message"
            row = {
                "chat": point.chat,
                "id": point.moment.last.id,
                "participant": point.moment.agent.id,
                "score": round(score, 6),
                "spoke": point.spoke,
            }
            file.write(json.dumps(row) + "\n")


def calls(point: Point) -> bool:
    """Whether the last message has the participant's name in it."""
    moment = point.moment
    talk = talk_of(
        moment.transcript.messages[-1:], {moment.agent.id: moment.agent.name}, moment.now, (moment.agent.id,)
    )
    return talk.standings[moment.agent.id].named


def own_rate(point: Point) -> float:
    """The part of the talk so far that is the participant's."""
    return point.moment.transcript.share(point.moment.agent.id, len(point.moment.transcript.messages))


BASELINES: Mapping[str, Measure] = {
    "mention": lambda point, _: float(calls(point)),
    "own_rate": lambda point, _: own_rate(point),
    "structural": lambda point, _: structural(point.moment),
    "next_speaker": lambda _, answer: answer.turn or 0.0,
    "single_rating": lambda _, answer: answer.single or 0.0,
}
ASK_A_MODEL = ("next_speaker", "single_rating")


def report(seen: Sequence[Answered], scores: Sequence[float], seed: int) -> dict[str, object]:
    """Pure but for the table, which it prints."""
    called = [calls(p) for p, _ in seen]
    asked = any(answer.turn is not None for _, answer in seen)

    def guesses(values: Iterable[float]) -> list[Guess]:
        rows = zip(seen, values, called, strict=True)
        return [Guess(p.chat, value, p.spoke, c) for (p, _), value, c in rows]

    own = guesses(scores)
    others = {
        name: guesses([measure(p, a) for p, a in seen])
        for name, measure in BASELINES.items()
        if asked or name not in ASK_A_MODEL
    }
    table({"motivation": own, **others})
    low, high = interval(own, auc, seed)
    unaddressed = [g for g in own if not g.calls]
    return {
        "auc": _short(auc(own)),
        "auc_unaddressed": _short(auc(unaddressed)),
        "interval": [_short(low), _short(high)],
        "interval_unaddressed": [_short(x) for x in interval(unaddressed, auc, seed)],
        "lead_over_structural": _lead(own, others["structural"], seed),
        **_at_bar(own),
        "unaddressed": _at_bar(unaddressed) if unaddressed else {},
        "baselines": {name: _short(auc(g)) for name, g in others.items()},
        "baselines_unaddressed": {name: _short(auc([x for x in g if not x.calls])) for name, g in others.items()},
        "points": len(seen),
        "unaddressed_points": len(unaddressed),
        "chats": len({p.chat for p, _ in seen}),
        "spoke": _short(sum(p.spoke for p, _ in seen) / len(seen)),
        "seconds_per_point": _short(sum(a.seconds for _, a in seen) / len(seen)),
        "prompt_tokens_per_point": round(sum(a.prompt for _, a in seen) / len(seen), 1),
        "generated_tokens_per_point": round(sum(a.generated for _, a in seen) / len(seen), 1),
    }


def _at_bar(some: Sequence[Guess]) -> dict[str, float]:
    """Average precision, and what comes of the bar at which these speak as often as the participants did."""
    at_bar = counts(some)
    return {
        "average_precision": _short(average_precision(some)),
        "balanced_accuracy": _short(at_bar.balanced_accuracy),
        "missed_needs": _short(at_bar.missed_needs),
        "false_alarms": _short(at_bar.false_alarms),
        "correct_silences": _short(at_bar.correct_silences),
        "correct_speeches": _short(at_bar.correct_speeches),
    }


def _lead(own: Sequence[Guess], other: Sequence[Guess], seed: int) -> dict[str, float]:
    """AUC of `own` less that of `other`, drawn on the same chats: the pair tells more than two intervals side by side."""
    scores = {id(mine): theirs for mine, theirs in zip(own, other, strict=True)}
    low, high = interval(own, lambda some: auc(some) - auc([scores[id(g)] for g in some]), seed)
    return {"auc": _short(auc(own) - auc(other)), "low": _short(low), "high": _short(high)}


def table(rows: Mapping[str, Sequence[Guess]]) -> None:
    print(
        f"{'':14} {'AUC':>6} {'unadd.':>6} {'AP':>6} {'bal.':>6} {'missed':>7} {'false':>6} {'silent':>7} {'said':>6}"
    )
    for name, some in rows.items():
        c = counts(some)
        numbers = (auc(some), auc([g for g in some if not g.calls]), average_precision(some), c.balanced_accuracy)
        parts = (c.missed_needs, c.false_alarms, c.correct_silences, c.correct_speeches)
        print(f"{name:14} " + " ".join(f"{x:6.3f}" for x in numbers) + "  " + " ".join(f"{x:6.3f}" for x in parts))


def _short(value: float) -> float:
    return round(value, 4)
