"""Which of what came to mind a newer statement takes the place of, for the question that is asked.

An older statement is closed for good only where the model is sure of it (memory/sorting.py): what is closed by mistake is lost.
Of the few that come to mind, each is held against the newer ones once more, at a lower bar, with the question in hand, and for
this moment alone: what the question asks for is nearer to a value that changed than to one that holds beside the newer.
"""

import math
from collections.abc import Sequence

from conversation.moment import Moment
from inference.protocol import LanguageModel
from memory.examples import STANDS, stands
from memory.item import LASTING, Item
from memory.probe import features, shipped
from memory.scope import scope_of
from memory.validity import follows
from thoughts.occasions import logit
from thoughts.retrieval import Recall
from thoughts.use import asked_of, asks_for

WEIGHTS = (1.65, 1.03, -4.16, 2.78)
"""Of 1, the log-odds of the probe `closing`, and the saliencies of the older and the newer (`python -m training closing`)."""
GONE = 0.5


async def superseded(
    moment: Moment, came: Recall, items: Sequence[Item], model: LanguageModel, *, urgent: bool = False
) -> frozenset[str]:
    """Ids of items among `came` that an item of the same person, later and here too, takes the place of. None where nobody asks
    for something personal, or where `model` has no probe to tell it. Raises ModelError."""
    about, probe = asked_of(moment), shipped("closing", model.name)
    if about is None or probe is None:
        return frozenset()
    others = [m.name for m in moment.members if m.id != moment.agent.id]
    if asks_for(about.text, others, came.heard.get(about.text, ()), moment.agent.name) != "personal":
        return frozenset()
    saliency = {r.trace.id: r.saliency for r in came.memories}
    here = [i for i in items if i.id in saliency]
    pairs = [(newer, older) for older in here for newer in here if _may_follow(newer, older)]
    if not pairs:
        return frozenset()
    read = await model.encode(STANDS, [stands(newer.text, older.text) for newer, older in pairs], urgent=urgent)
    if read is None or len(read.states[0]) != probe.width:
        return frozenset()
    chances = probe.chances(features(read.states))[:, 1].tolist()
    return frozenset(
        older.id
        for (newer, older), chance in zip(pairs, chances, strict=True)
        if gone(chance, saliency[older.id], saliency[newer.id]) >= GONE
    )


def gone(chance: float, older: float, newer: float) -> float:
    """How likely it is that a question is to be answered by the newer of two in place of the older. `chance`: that the older
    holds no longer, by the statements alone; `older`, `newer`: saliencies of the two."""
    signs = (1.0, logit(chance), older, newer)
    return 1 / (1 + math.exp(-sum(w * s for w, s in zip(WEIGHTS, signs, strict=True))))


def _may_follow(newer: Item, older: Item) -> bool:
    """What holds on some occasions and what holds always stand beside each other."""
    return (
        older.kind in LASTING
        and newer.subject == older.subject
        and newer.at > older.at
        and follows(newer, older)
        and (scope_of(newer) is None) == (scope_of(older) is None)
    )
