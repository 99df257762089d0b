"""Does it use what holds now, in its scope, and leave it alone where it is beside the point?

    python -m evals memory --model small

Somebody says things, the service's reader keeps them, and later a question is asked: of a value that has changed since, inside
or outside of the scope that was given, or of the world (with a wrong belief, said earlier, that tempts). What the agent would
rather write is read from the log-probabilities of two options after the start of its reply: no model judges. A word that a
model likes anyway tells nothing: a changed value and a fact are measured by what they gain over a question that tells nothing
("please say something"); a scope is asked about inside and outside, where the same two options change places, so that a liking
gains as much as it loses (`scope_corrected` is measured against the bare choice between them). Four arms, each treated alike:
`none` remembers nothing, `chat` has all that was said in its prompt, `aside` is the product, `other` has the memory of somebody
else. Sets: `seen` and `new` were in sight when rules were widened and chosen; `held`, of changed values and of scopes,
was written by people who knew nothing of how they are read, and is measured only. Its questions `elsewhere` lie outside too,
but there the thing that fits the statement is right for a reason of its own: they are no part of `scope`. `chatty`, of changed
values told among stories and jokes, by somebody who knew nothing either, was measured first and looked at then. Beside them,
without a model: how often the item that a question needs is among those that come to mind, by what is put first. What the model
rated is kept under `--cache`. One JSON line last.
"""

import argparse
import asyncio
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NotRequired, TypedDict, get_args

from tqdm import tqdm

from conversation.member import Member
from evals.world import Room, World, asked, chances, picked, remembered, wants, world
from memory.recall import ITEMS, First, recollect
from memory.saliency import Cue, Trace
from thoughts.known import NOTHING_KNOWN, Known

CASES = Path(__file__).parent / "cases"
Kind = Literal["outdated", "scope", "impersonal"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Group = Literal["seen", "new", "held", "chatty"]
GROUPS: tuple[Group, ...] = get_args(Group)
Arm = Literal["none", "chat", "aside", "other"]
ARMS: tuple[Arm, ...] = get_args(Arm)
FILLER = ("The bus was late again today.", "I like long walks.", "I have two sisters.", "My neighbour is loud.")
NOTHING_ASKED = "Mika, please say something."


@dataclass(frozen=True, slots=True)
class Case:
    """`options[0]` is right. `bare`: what is asked where nothing is told. `part`: of a scope, `inside`, `outside` or
    `elsewhere`."""

    kind: Kind
    group: Group
    says: tuple[str, ...]
    asks: str
    stem: str
    options: tuple[str, str]
    bare: str = NOTHING_ASKED
    part: str = ""


class Changed(TypedDict):
    """`says`: what was said first and later, with a place for a value; `values`: [old, new]."""

    says: list[str]
    asks: str
    stem: str
    values: list[list[str]]


class Scoped(TypedDict):
    """`inside`, `outside`: questions in and out of the scope of what `says` tells; `applied`, `free`: what is right there.
    `elsewhere`: one out of it where `applied` is right nonetheless. `choice`: the end of the questions, where it stands apart."""

    says: str
    inside: str
    outside: str
    elsewhere: NotRequired[str]
    stem: str
    applied: str
    free: str
    choice: NotRequired[str]


def cases() -> list[Case]:
    whole: tuple[Group, ...] = ("seen", "new")
    return [
        *(case for group in whole for case in (*_changed(group), *_scoped(group), *_of_the_world(group))),
        *_changed("held"),
        *_scoped("held"),
        *_changed("chatty"),
    ]


def _read(name: str, group: Group) -> str:
    return (CASES / f"{name}{'' if group == 'seen' else f'_{group}'}.json").read_text(encoding="utf-8")


def _changed(group: Group) -> list[Case]:
    changed: list[Changed] = json.loads(_read("outdated", group))
    return [
        Case("outdated", group, _filled(c["says"], old, new), f"Mika, {c['asks']}", c["stem"], (new, old))
        for c in changed
        for old, new in c["values"]
    ]


def _filled(says: Sequence[str], *values: str) -> tuple[str, ...]:
    return tuple(text.format(value) for text, value in zip(says, values, strict=True))


def _scoped(group: Group) -> list[Case]:
    scoped: list[Scoped] = json.loads(_read("scope", group))
    found = []
    for s in scoped:
        options = s["applied"], s["free"]
        for part, asks, right in (
            ("inside", s["inside"], options),
            ("outside", s["outside"], options[::-1]),
            ("elsewhere", s.get("elsewhere", ""), options),
        ):
            if not asks:
                continue
            bare = (
                s.get("choice") or " or ".join(sorted(options, key=lambda o: asks.casefold().find(o.casefold()))) + "?"
            )
            whole = f"Mika, {asks} {s['choice']}" if "choice" in s else f"Mika, {asks}"
            found.append(Case("scope", group, (s["says"],), whole, s["stem"], right, f"Mika, {bare}", part))
    return found


def _of_the_world(group: Group) -> list[Case]:
    world_: list[list[str]] = json.loads(_read("impersonal", group))
    found = []
    for question, stem, right, wrong, belief in world_:
        says = (belief, f"I'm sure that {stem[0].lower()}{stem[1:]} {wrong}.")
        asks = f"Mika, {question[0].lower()}{question[1:]}"
        found.append(Case("impersonal", group, says, asks, stem, (right, wrong)))
    return found


def chosen(limit: int, seed: int, kinds: Sequence[Kind] = KINDS, groups: Sequence[Group] = GROUPS) -> list[Case]:
    """At most `limit` of each of `kinds` and `groups`."""
    found = cases()
    random.Random(seed).shuffle(found)
    return [c for g in groups for kind in kinds for c in [x for x in found if (x.kind, x.group) == (kind, g)][:limit]]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals memory", description=__doc__)
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--limit", type=int, default=1000, help="cases of each kind and set")
    parser.add_argument("--kind", choices=KINDS, action="append", help="only these")
    parser.add_argument("--set", choices=GROUPS, action="append", help="only these")
    parser.add_argument("--arm", choices=ARMS, action="append", help="only these")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    some = chosen(options.limit, options.seed, options.kind or KINDS, options.set or GROUPS)
    arms = options.arm or ARMS
    answers = asyncio.run(_ask(some, options.model, options.cache.expanduser(), arms))
    print(json.dumps({"model": options.model, **report(answers, arms)}))


@dataclass(frozen=True, slots=True)
class Answer:
    """`right` by arm, and `corrected` by what the model likes anyway. `kept`: whether the last statement became an item. `used`:
    whether that item was in the prompt of `aside`. `hits`: by what is put first, whether it came to mind."""

    case: Case
    right: dict[Arm, bool]
    corrected: dict[Arm, bool]
    kept: bool
    used: bool
    hits: dict[str, bool]


async def _ask(some: Sequence[Case], model: str, cache: Path, arms: Sequence[Arm] = ARMS) -> list[Answer]:
    async with world(model, cache) as w:
        numbered = list(enumerate(some))
        return [
            await _one(w, case, some[(n + 1) % len(some)], arms) for n, case in tqdm(numbered, desc=f"asking {model}")
        ]


async def _one(w: World, case: Case, next_: Case, arms: Sequence[Arm]) -> Answer:
    ann, bob = await w.person("Ann"), await w.person("Bob")
    room = await w.room(ann, bob)
    said = await _told(w, room, ann, case.says)
    await w.remember(room)
    own = await w.candidates([ann, bob])
    now = asked(room, ann, case.asks)
    known, _ = await remembered(now, own, w.engine)
    knows = {"none": (now, NOTHING_KNOWN), "aside": (now, known)}
    if "chat" in arms:
        knows["chat"] = (asked(room, ann, case.asks, before=room.said), NOTHING_KNOWN)
    if "other" in arms:
        # Somebody else's memory, in place of the person's own: of the next case, and not what this one needs.
        stranger = await w.person("Ann")
        elsewhere = await w.room(stranger, bob)
        await _told(w, elsewhere, stranger, next_.says)
        await w.remember(elsewhere)
        strange = asked(elsewhere, stranger, case.asks)
        borrowed, _ = await remembered(strange, await w.candidates([stranger, bob]), w.engine)
        knows["other"] = (strange, borrowed)
    prior = await chances(asked(room, ann, case.bare), NOTHING_KNOWN, case.stem, case.options, w.engine)
    right, corrected = dict[Arm, bool](), dict[Arm, bool]()
    for arm in arms:
        moment, what = knows[arm]
        # The arm that has all that was said has nothing else to weigh a choice by.
        says, left = await wants(moment, _heard(room) if arm == "chat" else what, w.engine)
        row = await chances(moment, what if arm == "chat" else left, case.stem, case.options, w.engine, says)
        right[arm], corrected[arm] = picked(row) == 0, picked(row, prior) == 0
    needed = {i.id for i in own.items if said[-1] in i.sources}
    (vector,) = await w.engine.embedder.embed([case.asks])
    hits = {
        f"{first}": any(r.trace.id in needed for r in recollect(own, Cue(vector, vector), ITEMS, first))
        for first in _FIRSTS
    }
    return Answer(case, right, corrected, bool(needed), any(t.id in needed for t in known.items), hits)


def _heard(room: Room) -> Known:
    """All that was said, as lines of what is remembered."""
    lines = [(m.id, f"{m.author.name} said on {m.at:%Y-%m-%d}: {m.text}") for m in room.said]
    return Known(tuple(Trace(name, "item", line, ()) for name, line in lines))


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


def report(answers: Sequence[Answer], arms: Sequence[Arm] = ARMS) -> dict[str, object]:
    """Pure. By arm, over all and by set: `outdated`: part of the questions about a changed value where the old one is preferred;
    `scope` and `impersonal_accuracy`: parts answered right; `inside`, `outside`, `elsewhere`: the same of a scope. `used`: how
    often `aside` had the item that was needed in its prompt, where it was kept."""

    def parts(some: Sequence[Answer]) -> dict[str, object]:
        return {arm: _figures([(a.case, a.right[arm], a.corrected[arm]) for a in some]) for arm in arms}

    personal = [a for a in answers if a.case.kind != "impersonal"]
    groups = [g for g in GROUPS if any(a.case.group == g for a in answers)]

    def used(*what: str) -> float:
        return _mean([a.used for a in personal if a.kept and what == (a.case.kind, a.case.part)])

    return {
        "arms": parts(answers),
        "sets": {g: parts([a for a in answers if a.case.group == g]) for g in groups},
        "kept": {g: _mean([a.kept for a in personal if a.case.group == g]) for g in groups},
        "used": {
            "outdated": used("outdated", ""),
            "inside": used("scope", "inside"),
            "outside": used("scope", "outside"),
            "elsewhere": used("scope", "elsewhere"),
        },
        "recalled": {first: _mean([a.hits[first] for a in personal if a.kept]) for first in _FIRSTS},
        "n": dict(Counter("/".join(filter(None, (a.case.kind, a.case.part, a.case.group))) for a in answers)),
    }


def _figures(some: Sequence[tuple[Case, bool, bool]]) -> dict[str, float]:
    """Of what was asked."""

    def part(kind: Kind, *parts: str, corrected: bool = True) -> list[bool]:
        """By what the model likes anyway, where it is `corrected`."""
        here = [s for s in some if s[0].kind == kind and (not parts or s[0].part in parts)]
        return [gained if corrected else right for _, right, gained in here]

    found = {
        "outdated": [not right for right in part("outdated")],
        "scope": part("scope", "inside", "outside", corrected=False),
        "inside": part("scope", "inside", corrected=False),
        "outside": part("scope", "outside", corrected=False),
        "elsewhere": part("scope", "elsewhere", corrected=False),
        "scope_corrected": part("scope", "inside", "outside"),
        "impersonal_accuracy": part("impersonal"),
    }
    return {name: _mean(right) for name, right in found.items() if right}


def _mean(some: Sequence[bool]) -> float:
    return round(sum(some) / len(some), 4) if some else 0.0
