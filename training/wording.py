"""A question in other words, written by the model: what is asked again should not be asked in the same words.

    python -m training wording --space exercise --model small
    python -m training wording --file coach.json --model small

Expected: a small model writes many that are the same question, some that are another, and a few that turn it round ("with
others?" for "alone?"). So it writes WRITTEN candidates for each question, and what is kept passes three guards: its form
(`wording.reworded`); its meaning, by the sentence embedder (near to its own question, and nearer than to any other of the
space); and its direction, where a yes and a no tell something: behind it, what people say who have either value must be heard
as what it is by the listener that hears answers behind their questions, hardly worse than behind the question itself.
Training's phrases only. Where nothing passes, the schema's own words remain alone. Writes `again` into the schema's file; one
JSON line last: of each dimension how many were written and kept, and why the others fell.
"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from inference.connect import connect
from inference.engine import until_ready
from inference.hidden_embedder import BEHIND, reading_with
from inference.prompt import Part, Prompt
from inference.protocol import LanguageModel
from inference.stored_embedder import StoredEmbedder
from personalization.listener import Listener, behind, listener_for
from personalization.phrasing import Phrasing, PhrasingError, phrasing_for
from personalization.space import Dimension, Space, parse
from personalization.wording import reworded
from training.phrases import ways

SPACES = Path(__file__).parent.parent / "personalization" / "spaces"
WRITTEN = 32
KEPT = 3
NEAR = 0.6
"""Cosine to its own question, at least."""
WORSE = 0.05
"""By how much an answer behind it may be heard worse, in chance of the right one of yes and no."""
PHRASES = 12
"""Of each value, that the direction is tried with."""
READY = 600.0
STEMS = ("", "Would", "Do", "Is", "Are", "Have", "Can", "Could you tell me", "Tell me,", "Does")
"""How a candidate may be made to begin, in turn; and one of a question that asks openly."""
OPENLY = (
    "",
    "How",
    "How much",
    "What",
    "How would you describe",
    "How good",
    "How familiar",
    "What is",
    "How far",
    "How well",
)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training wording", description=__doc__)
    parser.add_argument("--space", default="preferences")
    parser.add_argument("--file", type=Path, help="a deployment's own dimensions, instead of a space")
    parser.add_argument("--model", default="small")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    file = options.file or SPACES / f"{options.space}.json"
    space = parse(file.read_text(encoding="utf-8"))
    cache = options.cache.expanduser()
    store = cache / "wordings" / f"{space.name}-{options.model.replace('/', '-')}-{options.seed}.json"
    if not store.is_file():  # what a model wrote is kept, so that guards can be changed without it
        store.parent.mkdir(parents=True, exist_ok=True)
        store.write_text(json.dumps(asyncio.run(_written(space, options.model, cache, options.seed))))
    candidates: dict[str, list[str]] = json.loads(store.read_text())
    meaning = StoredEmbedder(cache / "embedded" / "training-wording.npz")
    near = nearness(meaning, {d.name: d.ask for d in space.dimensions if d.ask}, candidates)
    meaning.save()
    embedder = reading_with(BEHIND, cache / "embedded" / f"{BEHIND}-wording.npz", cache)
    try:
        phrasing = phrasing_for(space.name)
    except (OSError, PhrasingError):
        phrasing = None  # a deployment's own: nothing is known of what people say
    listener = listener_for("exercise", BEHIND)
    again, why = {}, {}
    for d in space.dimensions:
        own, fell = kept(d, candidates.get(d.name, []), near)
        turned = [] if phrasing is None else turning(d, own, phrasing, listener, embedder)
        again[d.name] = tuple(c for c in own if c not in turned)[:KEPT]
        why[d.name] = {**fell, "turned": len(turned), "kept": len(again[d.name])}
    embedder.save()
    document = json.loads(file.read_text(encoding="utf-8"))
    for name, fields in document["dimensions"].items():
        fields.pop("again", None)
        if again.get(name):
            fields["again"] = list(again[name])
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps({"space": space.name, "model": options.model, "why": why}))


Nearness = Mapping[tuple[str, str], float]
"""Cosine of a candidate and the question of a dimension."""


async def _written(space: Space, model: str, cache: Path, seed: int) -> dict[str, list[str]]:
    engine = connect(model, cache=cache, base_url="", api_key="", timeout=600, threads=0)
    await engine.start()
    try:
        await until_ready(engine, READY)
        asks = {d.name: d.ask for d in space.dimensions if d.ask}
        return {name: await written(engine.model, ask, seed) for name, ask in asks.items()}
    finally:
        await engine.close()


async def written(model: LanguageModel, ask: str, seed: int) -> list[str]:
    """WRITTEN candidates, some of them twice. Raises ModelError."""
    found = []
    for n in range(0, WRITTEN, len(STEMS)):
        stems = OPENLY if ask.startswith(("How", "What")) else STEMS
        proposals = await model.propose([asking_for(ask, s) for s in stems], 24, seed + n)
        found += [
            f"{s} {c.text.splitlines()[0] if c.text.strip() else ''}".strip()
            for s, c in zip(stems, proposals.continuations, strict=True)
        ]
    return found


def asking_for(ask: str, stem: str) -> Prompt:
    """The example shows what other words are; its answer is continued from `stem`."""
    brief = (
        "You put a question in other words. It asks the same, with the same yes and the same no, in one short sentence."
    )
    return (
        Part(brief, "system"),
        Part("Do you like sweets?"),
        Part("Are you fond of sugary things?", "assistant"),
        Part("Are you at home in the evenings?"),
        Part("Would we find you at your place after work?", "assistant"),
        Part(ask),
        Part(stem, "assistant"),
    )


def nearness(embedder: StoredEmbedder, asks: Mapping[str, str], candidates: Mapping[str, Sequence[str]]) -> Nearness:
    texts = list(dict.fromkeys([*asks.values(), *(c for some in candidates.values() for c in some)]))
    rows = dict(zip(texts, embedder.embed(texts), strict=True))
    return {(c, n): float(rows[c] @ rows[a]) for some in candidates.values() for c in some for n, a in asks.items()}


def kept(d: Dimension, candidates: Sequence[str], near: Nearness) -> tuple[list[str], dict[str, int]]:
    """Those whose form and meaning pass, the nearest first, and how many of the others fell for what."""
    fell: Counter[str] = Counter(written=len(candidates))
    own = {c: near[c, d.name] for c in candidates}
    names = {name for _, name in near}
    found: list[str] = []
    for c in sorted(own, key=lambda c: -own[c]):
        if (text := reworded(c, d.ask, found)) is None:
            fell["form"] += 1
        elif own[c] < NEAR or any(near[c, n] > own[c] for n in names):
            fell["meaning"] += 1
        else:
            found.append(text)
    return found, dict(fell)


def turning(
    d: Dimension, candidates: Sequence[str], phrasing: Phrasing, listener: Listener, embedder: StoredEmbedder
) -> list[str]:
    """Of `candidates` those that a yes means something else of. A dimension to which a bare yes tells nothing has none."""
    if d.means is None or d.name not in phrasing.said:
        return []
    said = [[ways(p, 1)[0] for p in phrasing.of(d.name, v)[:PHRASES]] for v in d.means]
    opens = [list(phrasing.open.get(v, (v.capitalize() + ".",)))[:3] for v in ("yes", "no")]
    answers = [(text, i) for i in range(2) for text in (*said[i], *opens[i])]

    questions = (d.ask, *candidates)
    read = embedder.embed([behind(q, text) for q in questions for text, _ in answers])  # the model is loaded once
    texts = [text for _ in questions for text, _ in answers]
    chances = listener.opening(texts, read).reshape(len(questions), len(answers), 2)
    right = [i for _, i in answers]
    heard = (chances / chances.sum(2, keepdims=True))[:, range(len(answers)), right].mean(1)
    return [c for c, own in zip(candidates, heard[1:], strict=True) if own < heard[0] - WORSE]
