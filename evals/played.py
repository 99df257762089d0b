"""What Aside gives at a decision point of a real chat, and a file that keeps it: an interrupted or repeated run asks no model
twice, and another calibration needs none at all."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from conversation.moment import Moment, Trigger
from conversation.score import Raw, Score
from conversation.thought import Thought
from conversation.transcript import Transcript
from heuristics.calibration import Calibration
from heuristics.motivation import JUDGED, motivation, recalibrated, unthought
from inference.engine import Engine
from inference.prompt import Part
from inference.protocol import LanguageModel, ModelError, Usage
from thoughts import prompts
from thoughts.pipeline import Thinker, think
from thoughts.points import Point
from thoughts.policy import Policy

SINGLE = "\nHow strongly the thought asks to be said now:"
"""The one question of the single-rating baseline, in our words."""
GROWTH, TURNS = 1.02, 10
"""Its silence term, as in the paper (arXiv 2501.00383)."""


@dataclass(frozen=True, slots=True)
class Played:
    """`thoughts`: the ten scores of each; `bare`: those that ask no model. `turn`: the chance that the model gave the participant
    on its next-speaker question (1 or 0 where a rule named somebody); `named`: whom the rule named. `single`: the highest single
    rating of a thought, 1–5. The last three are None where no model was asked. `error`: what failed."""

    thoughts: tuple[tuple[Score, ...], ...]
    bare: tuple[Score, ...]
    named: str | None
    turn: float | None
    single: float | None
    seconds: float
    prompt: int
    cached: int
    generated: int
    error: str | None = None

    def counted(self, point: Point, calibration: Calibration) -> "Played":
        """With today's facts of the talk in place of those that were stored: they ask no model, and may be counted otherwise
        by now."""
        bare = unthought(point.moment, calibration)
        facts = {s.heuristic: s.raw.facts for s in bare}
        thoughts = tuple(
            tuple(replace(s, raw=replace(s.raw, facts=facts[s.heuristic])) for s in scores) for scores in self.thoughts
        )
        return replace(self, thoughts=thoughts, bare=bare)

    def drive(self, calibration: Calibration, policy: Policy) -> float:
        """The motivation of the best thought under `calibration`, or what the talk alone gives where none came up."""
        found = (recalibrated(scores, calibration) for scores in (self.thoughts or (self.bare,)))
        return max(motivation(s, calibration, policy.silence_growth, policy.silence_cap) for s in found)


Measure = Callable[[Point, Played], float]


def unasked(point: Point, calibration: Calibration) -> Played:
    return Played((), unthought(point.moment, calibration), None, None, None, 0.0, 0, 0, 0)


async def play(point: Point, engine: Engine, calibration: Calibration, policy: Policy, earlier: int = 0) -> Played:
    """The whole pipeline in the participant's place, and after it the single rating. `earlier`: how many of the messages before
    it thinks about first; what it thought then is held, and may come back."""
    thinker = Thinker(
        persona="",
        memories=point.memories,
        policy=policy,
        calibration=calibration,
        model=engine.model,
        embedder=engine.embedder,
        tick=time.perf_counter,
    )
    held: tuple[Thought, ...] = ()
    for moment in before(point.moment, earlier):
        then = replace(thinker, memories=tuple(m for m in point.memories if m.accessed_seq < moment.trigger.seq))
        run = await think(f"{point.chat}-{moment.trigger.seq}", moment, held, then)
        gone = {t.id for t in run.changed}
        held = (*(t for t in held if t.id not in {r.id for r in run.thoughts}), *run.thoughts)
        held = tuple(t for t in held if t.id not in gone)
    started = time.perf_counter()
    run = await think(f"{point.chat}-{point.moment.trigger.seq}", point.moment, held, thinker)
    seconds = time.perf_counter() - started
    me = point.moment.agent.id
    single, error = 1.0, run.error
    try:
        single = await _single(point.moment, run.thoughts, engine.model) if run.thoughts else 1.0
    except ModelError as failed:
        error = error or f"{type(failed).__name__}: {failed}"
    usage: Usage = run.usage
    return Played(
        thoughts=tuple(t.scores for t in run.thoughts),
        bare=unthought(point.moment, calibration),
        named=None if run.turn is None else run.turn.named,
        turn=None if run.turn is None else run.turn.chances.get(me, 0.0),
        single=single,
        seconds=round(seconds, 3),
        prompt=usage.prompt,
        cached=usage.cached,
        generated=usage.generated,
        error=error,
    )


def before(moment: Moment, earlier: int) -> tuple[Moment, ...]:
    """The moments after the `earlier` messages by others that came before, oldest first."""
    messages, me = moment.transcript.messages, moment.agent.id
    ends = [n for n in range(1, len(messages)) if messages[n - 1].author.id != me][-earlier:] if earlier else []
    return tuple(
        replace(
            moment,
            transcript=Transcript(messages[:n]),
            trigger=Trigger("message", messages[n - 1].seq),
            now=messages[n - 1].at,
        )
        for n in ends
    )


async def _single(moment: Moment, thoughts: Sequence[Thought], model: LanguageModel) -> float:
    prompt = prompts.rating(prompts.shared(moment, ""), moment)
    rated = await model.rate(prompt, [f" {t.text}" for t in thoughts], [SINGLE], prompts.RATINGS)
    best = max(sum(i * p for i, p in enumerate(row[0], start=1)) for row in rated.probabilities)
    return float(best * GROWTH ** min(moment.silent_turns, TURNS))


def key_of(point: Point, model: str, policy: Policy, earlier: int = 0) -> str:
    """Changes with whatever the model reads: the talk, what is remembered, and every word of the prompts."""
    parts: tuple[Part, ...] = prompts.slow_thought(
        prompts.shared(point.moment, ""), point.moment, point.memories, [], ask=True
    )
    asked = (model, policy.decay, point.chat, point.moment.trigger.seq, [p.text for p in parts], _LABELS, SINGLE)
    return hashlib.blake2b(repr((*asked, earlier) if earlier else asked).encode(), digest_size=12).hexdigest()


_LABELS = [h.label for h in JUDGED]


class Kept:
    """Answers by key, one JSON object a line; a line that was cut off by a crash is passed over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found = dict(_lines(path)) if path.exists() else {}

    def get(self, key: str) -> Played | None:
        return self._found.get(key)

    def put(self, key: str, played: Played) -> None:
        self._found[key] = played
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, **asdict(played)}) + "\n")


def _lines(path: Path) -> list[tuple[str, Played]]:
    found = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.endswith("}"):
            document = json.loads(line)
            key = document.pop("key")
            document["thoughts"] = tuple(_scores(scores) for scores in document["thoughts"])
            document["bare"] = _scores(document["bare"])
            found.append((key, Played(**document)))
    return found


def _scores(documents: Sequence[dict[str, object]]) -> tuple[Score, ...]:
    return tuple(map(_score, documents))


def _score(document: dict[str, object]) -> Score:
    fields = dict(document)
    raw, distribution = fields.pop("raw"), fields.pop("distribution")
    assert isinstance(raw, dict), f"not a raw score: {raw!r}"
    return Score(
        **fields,  # type: ignore[arg-type]
        distribution=None if distribution is None else tuple(distribution),  # type: ignore[arg-type]
        raw=Raw(**raw),
    )
