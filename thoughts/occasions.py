"""Which of what came to mind holds on this occasion: what somebody does at work is nothing to go by at a party."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from conversation.moment import Moment
from conversation.question import recalls
from inference.prompt import Part, Prompt, one_line
from inference.protocol import Embedder, LanguageModel
from memory.item import Item
from memory.occasion import Fit, chance, fit, sentences, signs
from memory.recall import NEAR
from memory.scope import Scope, scope_of
from memory.sorting import RULES_ONLY
from thoughts.retrieval import Recall
from thoughts.use import asked_of

SURE = 0.98
"""Where the signs alone are as sure as this, no model is asked."""
NO_OCCASION = "N/A"
OPTIONS = (" yes", " no")
_ASKED: Prompt = (
    Part("Answer with yes or no.", "system"),
    Part(
        "Is it so now?\n"
        "Now: I'm putting on my swimsuit, the water looks lovely. So: when I go swimming.\nYes or no: yes\n"
        "Now: I'm off to the dentist. So: when I go swimming.\nYes or no: no\n"
        "Now: Uncle Joe has called, he'll be here at six. So: with my relatives.\nYes or no: yes\n"
        "Now: The plumber will be here at six. So: with my relatives.\nYes or no: no\n"
    ),
)


def _branch(message: str, words: str) -> str:
    return f"Now: {one_line(message)} So: {words}."


async def occasions(
    moment: Moment,
    came: Recall,
    items: Sequence[Item],
    embedder: Embedder,
    model: LanguageModel,
    *,
    urgent: bool = False,
) -> Mapping[str, Fit]:
    """Of each item that came to mind and whose statement holds only under some circumstances, by id: whether this is one of
    them. What is not in it holds always. Raises ModelError."""
    about = asked_of(moment)
    by_id = {i.id: i for i in items}
    mine = {r.trace.id: by_id[r.trace.id] for r in came.memories if r.trace.id in by_id}
    scoped = {one: one_scope for one, item in mine.items() if (one_scope := scope_of(item)) is not None}
    if about is None or not scoped:
        return {}
    parts = sentences(about.text)
    words = [s.words for s in scoped.values()]
    vectors = await embedder.embed([*words, about.text, *parts])
    whole, each = vectors[len(words)], vectors[len(words) + 1 :]
    found = {
        one: signs(s, about.text, moment.now, vector, whole, each)
        for (one, s), vector in zip(scoped.items(), vectors, strict=False)
    }
    asked = [one for one, sign in found.items() if 1 - SURE < chance(sign) < SURE]
    if asked and model.name not in RULES_ONLY:
        said = await told([(about.text, scoped[one].words) for one in asked], model, urgent=urgent)
        found |= {one: replace(found[one], told=word) for one, word in zip(asked, said, strict=True)}
    far = {r.trace.id for r in came.memories if r.saliency < NEAR}
    fits = {one: _fit(scoped[one], chance(sign), recalls(about.text)) for one, sign in found.items()}
    return {one: "outside" if one in far and fit_ != "within" else fit_ for one, fit_ in fits.items()}


def _fit(circumstance: Scope, within: float, recalled: bool) -> Fit:
    """What one asks of oneself ("what do I drink?") is answered with its circumstance, and so is what may have none."""
    found = fit(circumstance, within)
    return "unclear" if found == "outside" and (recalled or not circumstance.firm) else found


async def told(pairs: Sequence[tuple[str, str]], model: LanguageModel, *, urgent: bool = False) -> tuple[float, ...]:
    """What the model says of each message and circumstance, in logits against what it says of no occasion: how a question is put
    makes a model say yes or no anyway. Raises ModelError."""
    here = [_branch(message, words) for message, words in pairs]
    nowhere = [_branch(NO_OCCASION, words) for _, words in pairs]
    rated = await model.rate(_ASKED, [*here, *nowhere], ["\nYes or no:"], OPTIONS, urgent=urgent)
    logits = [_logit(row[0][0]) for row in rated.probabilities]
    return tuple(yes - anyway for yes, anyway in zip(logits[: len(pairs)], logits[len(pairs) :], strict=True))


def _logit(p: float) -> float:
    clipped = min(1 - 1e-6, max(1e-6, p))
    return math.log(clipped / (1 - clipped))
