"""Which of what came to mind holds on this occasion: what somebody does at work is nothing to go by at a party."""

import math
from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import replace

from conversation.moment import Moment
from conversation.question import recalls
from inference.prompt import Part, Prompt, one_line
from inference.protocol import Embedder, LanguageModel
from memory.item import Item
from memory.occasion import Reading, chance, reading, sentences, signs
from memory.probe import features, shipped
from memory.recall import NEAR
from memory.scope import Scope, scope_of
from memory.sorting import RULES_ONLY
from thoughts.addressing import uncalled
from thoughts.retrieval import Recall
from thoughts.use import asked_of

SURE = 0.98
"""Where the signs alone are as sure as this that it is so now, no model is asked. That nothing is near to a circumstance makes
nobody sure that it is not: people name it seldom."""
OPTIONS = (" yes", " no")
_TASK = Part(
    "Somebody describes their situation. You say whether a circumstance holds in it, thinking of what the details imply.",
    "system",
)
_EXAMPLES = (
    "Situation: The lifeguard whistles and I jump in. Circumstance: when I go swimming. Does it hold? yes\n"
    "Situation: The dentist has drilled for an hour. Circumstance: when I go swimming. Does it hold? no\n"
    "Situation: Uncle Joe and the cousins will be here at six. Circumstance: with my relatives. Does it hold? yes\n"
    "Situation: The plumber will be here at six. Circumstance: with my relatives. Does it hold? no\n"
    "Situation: Two weeks of sun, the suitcase is packed. Circumstance: on holiday. Does it hold? yes\n"
    "Situation: The boss hands me another pile of files. Circumstance: on holiday. Does it hold? no\n"
    "Situation: My nose runs and I stay under the blanket. Circumstance: if I have a cold. Does it hold? yes\n"
    "Situation: I ran ten miles and feel great. Circumstance: if I have a cold. Does it hold? no\n"
)
_MORE = (
    "Situation: The kettle is on and the alarm has only just gone off. Circumstance: before breakfast. Does it hold? yes\n"
    "Situation: The dessert was great, now the bill please. Circumstance: before breakfast. Does it hold? no\n"
    "Situation: My captain wants me on the pitch at four. Circumstance: when I play for the team. Does it hold? yes\n"
    "Situation: I'm watching the final from the sofa. Circumstance: when I play for the team. Does it hold? no\n"
    "Situation: Frost on the windows and the lake is frozen. Circumstance: in winter. Does it hold? yes\n"
    "Situation: We need shade, it's over thirty degrees. Circumstance: in winter. Does it hold? no\n"
    "Situation: The patient in room four needs her pills. Circumstance: as a nurse. Does it hold? yes\n"
    "Situation: My own back hurts and I see a doctor. Circumstance: as a nurse. Does it hold? no\n"
    "Situation: The rent is due and my account is empty. Circumstance: if I'm short of money. Does it hold? yes\n"
    "Situation: My bonus came today. Circumstance: if I'm short of money. Does it hold? no\n"
    "Situation: I knock at the headmaster's door. Circumstance: at my school. Does it hold? yes\n"
    "Situation: I'm on my way to the swimming lake. Circumstance: at my school. Does it hold? no\n"
)
READ: Prompt = (_TASK, Part(_EXAMPLES))
"""Behind which the probe `holding` reads whether it holds (`python -m training holding`)."""
APPLIES: Prompt = (
    Part(
        "Somebody said how they do things, under some circumstances. Later they describe their situation. You say whether what "
        "they said applies there, thinking of what the details imply.",
        "system",
    ),
    Part(
        "Said: When I go swimming I wear a cap. Situation: The lifeguard whistles and I jump in. Does it apply? yes\n"
        "Said: When I go swimming I wear a cap. Situation: The dentist has drilled for an hour. Does it apply? no\n"
        "Said: With my relatives it's board games. Situation: Uncle Joe and the cousins will be here at six. Does it apply? yes\n"
        "Said: With my relatives it's board games. Situation: The plumber will be here at six. Does it apply? no\n"
        "Said: Coffee is black for me, except on holiday. Situation: Two weeks of sun, the suitcase is packed. "
        "Does it apply? no\n"
        "Said: Coffee is black for me, except on holiday. Situation: The boss hands me another pile of files. "
        "Does it apply? yes\n"
        "Said: A cold means tea with honey. Situation: My nose runs and I stay under the blanket. Does it apply? yes\n"
        "Said: A cold means tea with honey. Situation: I ran ten miles and feel great. Does it apply? no\n"
        "Said: I don't speak before breakfast. Situation: The kettle is on and the alarm has only just gone off. "
        "Does it apply? yes\n"
        "Said: I don't speak before breakfast. Situation: The dessert was great, now the bill please. Does it apply? no\n"
        "Said: Unless I play for the team, I stay up late. Situation: I'm watching the final from the sofa. Does it apply? yes\n"
        "Said: Unless I play for the team, I stay up late. Situation: My captain wants me on the pitch at four. "
        "Does it apply? no\n"
        "Said: As a nurse I wear flat shoes. Situation: The patient in room four needs her pills. Does it apply? yes\n"
        "Said: As a nurse I wear flat shoes. Situation: My own back hurts and I see a doctor. Does it apply? no\n"
        "Said: Short of money, I walk. Situation: The rent is due and my account is empty. Does it apply? yes\n"
        "Said: Short of money, I walk. Situation: My bonus came today. Does it apply? no\n"
    ),
)
"""The same of the whole statement, read by the probe `applying`. Each sees what the other does not: the first holds on to the
circumstance, the second to what an exception turns around, and to words that nobody took for a circumstance."""
WEIGHTS = (0.0, 0.84, 0.89)
"""Of 1 and the log-odds of both (`python -m training holding`)."""
ASKED: tuple[Prompt, ...] = ((_TASK, Part(_EXAMPLES)), (_TASK, Part(_EXAMPLES + _MORE)))
"""The examples hold by what they imply, and name their circumstance nowhere: people seldom do. With more of them a small model
sees more occasions, and more that are none; the mean of both tells them apart better than either (docs/log.md)."""


def situation(message: str) -> str:
    """What the message tells of how things are: a choice at its end ("tea or coffee?") draws a small model's eye away from it."""
    plain = one_line(message)
    told = " ".join(s for s in sentences(plain) if not s.endswith("?")) or plain
    return told[:1].upper() + told[1:]


def branch(message: str, words: str) -> str:
    return f"Situation: {situation(message)} Circumstance: {one_line(words)}. Does it hold?"


def applies(message: str, said: str) -> str:
    return f"Said: {one_line(said)} Situation: {situation(message)} Does it apply?"


async def occasions(
    moment: Moment,
    came: Recall,
    items: Sequence[Item],
    embedder: Embedder,
    model: LanguageModel,
    *,
    urgent: bool = False,
) -> Mapping[str, Reading]:
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
    within = {one: chance(sign) for one, sign in found.items()}
    message = uncalled(about.text, [m.name for m in moment.members])
    if asked := [one for one, sign in found.items() if not sign.time and within[one] < SURE]:
        statements = [(scoped[one], by_id[one].text) for one in asked]
        if (seen := await read(message, statements, model, urgent=urgent)) is not None:
            within |= dict(zip(asked, seen, strict=True))
        elif model.name not in RULES_ONLY:
            said = await told([(message, scoped[one].words) for one in asked], model, urgent=urgent)
            within |= {one: chance(replace(found[one], told=word)) for one, word in zip(asked, said, strict=True)}
    far = {r.trace.id for r in came.memories if r.saliency < NEAR}
    made = {one: _reading(scoped[one], holds, recalls(about.text)) for one, holds in within.items()}
    return {one: replace(r, fit="outside") if one in far and r.fit != "within" else r for one, r in made.items()}


def _reading(circumstance: Scope, within: float, recalled: bool) -> Reading:
    """What one asks of oneself ("what do I drink?") is answered with its circumstance, and so is what may have none."""
    found = reading(circumstance, within)
    if found.fit == "outside" and recalled:
        return Reading("unclear", 0.5)
    return Reading("unclear", (found.holds + 0.5) / 2) if found.fit == "outside" and not circumstance.firm else found


async def read(
    message: str, statements: Sequence[tuple[Scope, str]], model: LanguageModel, *, urgent: bool = False
) -> tuple[float, ...] | None:
    """Of each circumstance and the statement that it narrows, the chance that `message` is within it, by two probes; None where
    the model has none. Raises ModelError."""
    holding, applying = (shipped(name, model.name) for name in ("holding", "applying"))
    if holding is None or applying is None:
        return None
    both = await gather(
        model.encode(READ, [branch(message, scope.words) for scope, _ in statements], urgent=urgent),
        model.encode(APPLIES, [applies(message, said) for _, said in statements], urgent=urgent),
    )
    chances = []
    for probe, found in zip((holding, applying), both, strict=True):
        if found is None or len(found.states[0]) != probe.width:
            return None
        chances.append(probe.affirms(features(found.states)).tolist())
    return tuple(joined(scope, *some) for (scope, _), *some in zip(statements, *chances, strict=True))


def joined(circumstance: Scope, within: float, applied: float) -> float:
    """The chance that a moment is within `circumstance`, from what is read of that, and of whether the statement applies."""
    sign = 1 if circumstance.holds else -1
    signs = (1.0, sign * logit(within), logit(applied))
    return 1 / (1 + math.exp(-sign * sum(w * s for w, s in zip(WEIGHTS, signs, strict=True))))


async def told(pairs: Sequence[tuple[str, str]], model: LanguageModel, *, urgent: bool = False) -> tuple[float, ...]:
    """What the model says of each message and circumstance, in logits. Raises ModelError."""
    branches = [branch(message, words) for message, words in pairs]
    both = await gather(*(model.rate(prompt, branches, [""], OPTIONS, urgent=urgent) for prompt in ASKED))
    logits = [[logit(row[0][0]) for row in rated.probabilities] for rated in both]
    return tuple(sum(some) / len(some) for some in zip(*logits, strict=True))


def logit(p: float) -> float:
    """The log-odds of a probability, within 14 of even."""
    clipped = min(1 - 1e-6, max(1e-6, p))
    return math.log(clipped / (1 - clipped))
