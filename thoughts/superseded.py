"""Which of what came to mind a newer statement takes the place of, for the question that is asked.

An older statement is closed for good only where the model is sure of it (memory/sorting.py): what is closed by mistake is lost.
Of the few that come to mind, each is held against the newer ones once more, with the question in hand and for this moment alone:
whether "Spilled coke down to row C, over us" says where one sits is told better beside "which row do we sit in?" than alone.
The newer need not have come to mind: how somebody first put a thing is often nearer to the question than what became of it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from conversation.moment import Moment
from inference.protocol import LanguageModel
from memory.examples import ANSWERS, answers
from memory.item import Item, ItemKind
from memory.occasion import Fit
from memory.probe import features, shipped
from memory.recall import Candidates, brought
from memory.scope import scope_of
from memory.writing import RELATED
from thoughts.addressing import uncalled
from thoughts.occasions import logit
from thoughts.retrieval import Recall, named
from thoughts.use import asked_of, asks_for, concerned

WEIGHTS = (-0.12, 1.07, -0.46, 0.92)
"""Of 1, the log-odds of the probe `answering`, and the cosines of the older and the newer with the question
(`python -m training answering`)."""
GONE = 0.5
APART = 0.5
"""Of a pair of which only one has a circumstance: they mostly stand beside each other, so that less is not looked at."""
SUCCESSORS = 2
"""Newer statements that are looked at though they did not come to mind: the nearest to the most salient one that did."""
_OF_ONESELF: frozenset[ItemKind] = frozenset({"fact", "preference", "event"})


async def superseded(
    moment: Moment, came: Recall, candidates: Candidates, model: LanguageModel, *, urgent: bool = False
) -> tuple[Recall, Mapping[str, Sequence[str]]]:
    """`came` with newer items of `candidates` that take the place of one that came to mind; and by id of each in it whose place
    is taken by items of the same person, the ids of those, the likeliest first: up to one that takes it on every occasion.
    Nothing is changed where nobody asks for something personal, or where `model` has no probe to tell it. Raises ModelError."""
    about, probe = asked_of(moment), shipped("answering", model.name)
    if about is None or probe is None or not (asked := came.heard.get(about.text, ())):
        return came, {}
    others = [m.name for m in moment.members if m.id != moment.agent.id]
    if asks_for(about.text, others, asked, moment.agent.name) != "personal":
        return came, {}
    saliency, whose = {r.trace.id: r.saliency for r in came.memories}, concerned(moment)
    here = [i for i in candidates.items if i.id in saliency and (not whose or i.subject in whose)]
    pairs = [(newer, older) for older in here for newer in here if _may_follow(newer, older)]
    pairs += _successors(candidates, here, saliency)
    if not pairs:
        return came, {}
    question = uncalled(about.text, [m.name for m in moment.members])
    asks = [answers(question, newer.text, older.text) for newer, older in pairs]
    read = await model.encode(ANSWERS, asks, urgent=urgent)
    if read is None or len(read.states[0]) != probe.width:
        return came, {}
    place = came.bare if about == moment.transcript.last and came.bare else asked
    to_question = (candidates.vectors @ np.asarray(place, dtype=np.float32)).tolist()
    near = dict(zip((i.id for i in candidates.items), to_question, strict=True))
    chances = probe.affirms(features(read.states)).tolist()
    taken = [
        (gone(chance, near[older.id], near[newer.id]), newer.at, newer, older)
        for (newer, older), chance in zip(pairs, chances, strict=True)
        if chance >= APART or _alike(newer, older)
    ]
    sure = sorted((t for t in taken if t[0] >= GONE), key=lambda t: t[:2], reverse=True)
    past, shown = dict[str, list[str]](), named(candidates, moment)
    lasting = set[str]()
    for _, _, newer, older in sure:
        if older.id in lasting:
            continue
        past.setdefault(older.id, []).append(newer.id)
        lasting |= set() if _narrower(newer, older) else {older.id}
        if newer.id not in {r.trace.id for r in came.memories}:
            came = replace(came, memories=(brought(newer, shown, saliency[older.id]), *came.memories))
    return came, past


def past_now(past: Mapping[str, Sequence[str]], fits: Mapping[str, Fit]) -> frozenset[str]:
    """Ids of those whose place is taken by one that may hold on this occasion; that of one that holds always, by one that does
    hold on it. `past`: as `superseded` tells it; `fits`: of all that came to mind and hold on some occasions only."""

    def here(newer: str, older: str) -> bool:
        fit = fits.get(newer, "within")
        return fit == "within" or (fit == "unclear" and older in fits)

    return frozenset(older for older, some in past.items() if any(here(newer, older) for newer in some))


def _successors(candidates: Candidates, here: Sequence[Item], saliency: Mapping[str, float]) -> list[tuple[Item, Item]]:
    """The most salient of `here` with the newer ones that are nearest to it, of those that did not come to mind."""
    if not (said := [i for i in here if i.kind in _OF_ONESELF]):
        return []
    best = max(said, key=lambda i: saliency[i.id])
    told = {(i.subject, i.text.casefold()) for i in here}
    place = next(n for n, i in enumerate(candidates.items) if i.id == best.id)
    likeness = candidates.vectors @ candidates.vectors[place]
    some = [
        n
        for n, i in enumerate(candidates.items)
        if likeness[n] >= RELATED and (i.subject, i.text.casefold()) not in told and _may_follow(i, best)
    ]
    some.sort(key=lambda n: (not _alike(candidates.items[n], best), -likeness[n]))
    return [(candidates.items[n], best) for n in some[:SUCCESSORS]]


def gone(chance: float, older: float, newer: float) -> float:
    """How likely it is that a question is to be answered by the newer of two in place of the older. `chance`: what the probe says
    of that; `older`, `newer`: cosines of the two with the question."""
    signs = (1.0, logit(chance), older, newer)
    return 1 / (1 + math.exp(-sum(w * s for w, s in zip(WEIGHTS, signs, strict=True))))


def _may_follow(newer: Item, older: Item) -> bool:
    """What holds on some occasions may take the place, on those, of what holds always. What happened may have been undone: that
    closes nothing for good, but it is no answer any more."""
    return {newer.kind, older.kind} <= _OF_ONESELF and newer.subject == older.subject and newer.at > older.at


def _narrower(newer: Item, older: Item) -> bool:
    """Whether the newer alone holds on some occasions only."""
    return scope_of(newer) is not None and scope_of(older) is None


def _alike(newer: Item, older: Item) -> bool:
    """Whether both hold always, or both on some occasions."""
    return (scope_of(newer) is None) == (scope_of(older) is None)
