"""Does it use what holds now, in its scope, and leave it alone where it is beside the point?

    python -m evals memory --model small

Somebody says things, the service's reader keeps them, and later a question is asked: of a value that has changed since, inside
or outside of the scope that was given, or of the world (with a wrong belief, said earlier, that tempts). What the agent would
rather write is read from the log-probabilities of two options after the start of its reply, each against what it has after a
question that asks nothing: no model judges. Four arms: `none` remembers nothing, `chat` has all that was said in its prompt,
`aside` is the product, `other` has the memory of somebody else. Beside them, without a model: how often the item that a
question needs is among those that come to mind, by what is put first.
Answers are kept under `--cache`. One JSON line last.
"""

import argparse
import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

from tqdm import tqdm

from conversation.member import Member
from evals.stored import Stored, key_of
from evals.world import PERSONA, WANTS, Room, World, asked, chances, picked, remembered, world
from memory.recall import ITEMS, First, recollect
from memory.saliency import Cue
from thoughts.known import NOTHING_KNOWN

CASES = Path(__file__).parent / "cases"
Kind = Literal["outdated", "scope", "impersonal"]
KINDS: tuple[Kind, ...] = ("outdated", "scope", "impersonal")
Arm = Literal["none", "chat", "aside", "other"]
ARMS: tuple[Arm, ...] = ("none", "chat", "aside", "other")
FILLER = ("The bus was late again today.", "I like long walks.", "I have two sisters.", "My neighbour is loud.")
NOTHING_ASKED = "Mika, please say something."
VERSION = 3
"""Counted up with whatever the answers hang on and the key does not see."""


@dataclass(frozen=True, slots=True)
class Case:
    """`options[0]` is right."""

    kind: Kind
    says: tuple[str, ...]
    asks: str
    stem: str
    options: tuple[str, str]


class Changed(TypedDict):
    """`says`: what was said first and later, with a place for a value; `values`: [old, new]."""

    says: list[str]
    asks: str
    stem: str
    values: list[list[str]]


class Scoped(TypedDict):
    """`inside`, `outside`: questions in and out of the scope of what `says` tells; `applied`, `free`: what is right there."""

    says: str
    inside: str
    outside: str
    stem: str
    applied: str
    free: str


def cases() -> list[Case]:
    changed: list[Changed] = json.loads((CASES / "outdated.json").read_text(encoding="utf-8"))
    scoped: list[Scoped] = json.loads((CASES / "scope.json").read_text(encoding="utf-8"))
    world_: list[list[str]] = json.loads((CASES / "impersonal.json").read_text(encoding="utf-8"))
    found = []
    for c in changed:
        for old, new in c["values"]:
            said = (c["says"][0].format(old), c["says"][1].format(new))
            found.append(Case("outdated", said, f"Mika, {c['asks']}", c["stem"], (new, old)))
    for s in scoped:
        applied, free = s["applied"], s["free"]
        found.append(Case("scope", (s["says"],), f"Mika, {s['inside']}", s["stem"], (applied, free)))
        found.append(Case("scope", (s["says"],), f"Mika, {s['outside']}", s["stem"], (free, applied)))
    for question, stem, right, wrong, belief in world_:
        says = (belief, f"I'm sure that {stem[0].lower()}{stem[1:]} {wrong}.")
        found.append(Case("impersonal", says, f"Mika, {question[0].lower()}{question[1:]}", stem, (right, wrong)))
    return found


def chosen(limit: int, seed: int) -> list[Case]:
    """At most `limit` of each kind."""
    found = cases()
    random.Random(seed).shuffle(found)
    return [c for kind in KINDS for c in [x for x in found if x.kind == kind][:limit]]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals memory", description=__doc__)
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--limit", type=int, default=1000, help="cases of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    answers = asyncio.run(_ask(chosen(options.limit, options.seed), options.model, options.cache.expanduser()))
    print(json.dumps({"model": options.model, **report(answers)}))


@dataclass(frozen=True, slots=True)
class Answer:
    """`right` by arm. `kept`: whether the last statement became an item. `hits`: by "first/memory", whether the item that was
    needed came to mind among distractors."""

    case: Case
    right: dict[Arm, bool]
    kept: bool
    hits: dict[str, bool]


async def _ask(asked_: Sequence[Case], model: str, cache: Path) -> list[Answer]:
    stored = Stored(cache / "memory" / f"{model.replace('/', '-')}.jsonl")
    found = {}
    missing = []
    for case in asked_:
        key = key_of(VERSION, model, case, PERSONA, WANTS)
        if (document := stored.get(key)) is None:
            missing.append((case, key))
        else:
            found[case] = _answer(case, document)
    if missing:
        async with world(model, cache) as w:
            for case, key in tqdm(missing, desc=f"asking {model}"):
                answer = await _one(w, case, asked_[(asked_.index(case) + 1) % len(asked_)])
                stored.put(key, {"right": answer.right, "kept": answer.kept, "hits": answer.hits})
                found[case] = answer
    return [found[c] for c in asked_]


def _answer(case: Case, document: dict[str, object]) -> Answer:
    return Answer(case, **document)  # type: ignore[arg-type]


async def _one(w: World, case: Case, next_: Case) -> Answer:
    ann, bob = await w.person("Ann"), await w.person("Bob")
    room = await w.room(ann, bob)
    said = await _told(w, room, ann, case.says)
    # Somebody else's memory, in place of the person's own: of the next case, and not what this one needs.
    stranger = await w.person("Ann")
    elsewhere = await w.room(stranger, bob)
    await _told(w, elsewhere, stranger, next_.says)
    await w.remember(room, elsewhere)
    own, foreign = await w.candidates([ann, bob]), await w.candidates([stranger, bob])
    now = asked(room, ann, case.asks)
    whole = asked(room, ann, case.asks, before=room.said)
    known, _ = await remembered(now, own, w.engine)
    strange = asked(elsewhere, stranger, case.asks)
    borrowed, _ = await remembered(strange, foreign, w.engine)
    # What the model would write whatever is asked: with the same stem, after a question that asks nothing.
    prior = await chances(asked(room, ann, NOTHING_ASKED), NOTHING_KNOWN, case.stem, case.options, w.engine)
    arms = {
        "none": (now, NOTHING_KNOWN),
        "chat": (whole, NOTHING_KNOWN),
        "aside": (now, known),
        "other": (strange, borrowed),
    }
    picks = {
        arm: picked(await chances(moment, knows, case.stem, case.options, w.engine), prior)
        for arm, (moment, knows) in arms.items()
    }
    needed = {i.id for i in own.items if said[-1] in i.sources}
    (vector,) = await w.engine.embedder.embed([case.asks])
    hits = {
        f"{first}": any(r.trace.id in needed for r in recollect(own, Cue(vector, vector), ITEMS, first))
        for first in _FIRSTS
    }
    return Answer(case, {arm: pick == 0 for arm, pick in picks.items()}, bool(needed), hits)  # type: ignore[misc]


_FIRSTS: tuple[First, ...] = ("recency", "saliency")


async def _told(w: World, room: Room, who: Member, says: Sequence[str]) -> list[str]:
    """Ids of the messages that say it, among others that are beside the point, before and after."""
    said = []
    await w.says(room, who, FILLER[0])
    for text in says:
        said.append((await w.says(room, who, text)).id)
        await w.says(room, who, FILLER[1])
    for text in FILLER[2:]:
        await w.says(room, who, text)
    return said


def report(answers: Sequence[Answer]) -> dict[str, object]:
    """Pure. `outdated`: part of the questions about a changed value where the old one is preferred; `scope` and
    `impersonal_accuracy`: parts answered right; `other_scope` apart for inside and outside."""

    def part(arm: Arm, kind: Kind) -> float:
        some = [a.right[arm] for a in answers if a.case.kind == kind]
        return round(sum(some) / len(some), 4) if some else 0.0

    arms = {
        arm: {
            "outdated": round(1 - part(arm, "outdated"), 4),
            "scope": part(arm, "scope"),
            "impersonal_accuracy": part(arm, "impersonal"),
        }
        for arm in ARMS
    }
    personal = [a for a in answers if a.case.kind != "impersonal"]
    return {
        "arms": arms,
        "kept": _mean([a.kept for a in personal]),
        "recalled": {first: _mean([a.hits[first] for a in personal if a.kept]) for first in _FIRSTS},
        "n": {kind: sum(a.case.kind == kind for a in answers) for kind in KINDS},
    }


def _mean(some: Sequence[bool]) -> float:
    return round(sum(some) / len(some), 4) if some else 0.0
