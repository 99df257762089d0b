"""A choice that somebody puts to the agent is weighed before it is answered.

Asked at once, a small model takes the word that it likes better, whatever the question tells (docs/log.md). So it first says what
matters there, several times and with the two in either order, and then which of the two suits that; what it takes on the whole is
what the agent wants to say (self-consistency, arXiv 2203.11171). The reasons are for the choice alone: nobody reads them, and
nothing of them is kept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Literal

from conversation.alternatives import Alternatives, alternatives
from conversation.asked import asked
from conversation.moment import Moment
from conversation.question import asking, of_you, third_person
from inference.prompt import Part, Prompt, one_line
from inference.protocol import LanguageModel, Usage
from memory.saliency import Vector
from memory.sorting import RULES_ONLY
from thoughts.addressing import called
from thoughts.known import Known
from thoughts.occasions import logit
from thoughts.prompts import ensure_admitted
from thoughts.use import asked_of

REASONS = 4
"""Of each order of the two."""
WORDS = 24
"""Tokens of a reason at most."""
ALONE = 0.5
"""Part of what one of the two suits by itself, in no situation, that is taken from how it suits this one."""
LONGEST = 120
"""Characters of what is told that the agent gives as its grounds."""
_RECENT = 3
"""Messages before a bare choice that may tell what it is about."""

_TASK: Prompt = (
    Part(
        "Somebody describes their situation and cannot decide between two things. You say what matters most there, and which of "
        "the two suits it.",
        "system",
    ),
    Part(
        "Situation: My gums are sore, the dentist says. Choice: toast or yoghurt. "
        "What matters: sore gums need soft food and toast is hard. Better: yoghurt\n"
        "Situation: It is four degrees and windy at the lake. Choice: coat or swimsuit. "
        "What matters: it is cold and windy there, so something warm is needed. Better: coat\n"
        "Situation: I'm at the gym. Remembered: Ida said on 2026-03-04: At the gym I never talk to anybody. "
        "Choice: chat or headphones. What matters: this is the gym, where they never talk to anybody. Better: headphones\n"
        "Situation: The toddler has fallen asleep on my arm at last. Choice: drums or lullaby. "
        "What matters: the child must not wake up, so it has to be quiet. Better: lullaby\n"
        "Situation: I have to be at the airport in twenty minutes. Choice: taxi or walk. "
        "What matters: there is little time, so the faster one is needed. Better: taxi\n"
        "Situation: Grandpa comes at noon, and he has asked for his cards. Choice: poker or puzzle. "
        "What matters: he has asked for his cards, and poker is played with cards. Better: poker\n"
        "Situation: I'm making breakfast for my flatmate Jo. Remembered: Ida said on 2026-02-01: Jo gets no milk from me, "
        "she can't take it. Choice: porridge with milk or rice cakes. "
        "What matters: it is for Jo, who can't take milk. Better: rice cakes\n"
        "Situation: The client wants it on paper with a signature. Choice: email or letter. "
        "What matters: the client wants paper, and an email is not on paper. Better: letter\n"
        "Situation: The road to the village is closed for cars today. Choice: drive or cycle. "
        "What matters: no car gets there today, so it has to be without one. Better: cycle\n"
        "Situation: I'm at home and my eyes hurt from the screen. Choice: radio or film. "
        "What matters: the screen hurts their eyes, and a film is on a screen. Better: radio\n"
        "Situation: It's my aunt's evening and she loves to hear me. Choice: flowers or a song. "
        "What matters: she loves to hear them, and flowers can't be heard. Better: a song\n"
    ),
)
_SUITS: Prompt = (
    Part(
        "Somebody describes their situation and asks about one thing. You say whether it suits the situation.", "system"
    ),
    Part(
        "Situation: My gums are sore, the dentist says. Option: toast. Does it suit the situation? no\n"
        "Situation: My gums are sore, the dentist says. Option: yoghurt. Does it suit the situation? yes\n"
        "Situation: It is four degrees and windy at the lake. Option: coat. Does it suit the situation? yes\n"
        "Situation: It is four degrees and windy at the lake. Option: swimsuit. Does it suit the situation? no\n"
        "Situation: The toddler has fallen asleep on my arm at last. Option: drums. Does it suit the situation? no\n"
        "Situation: The toddler has fallen asleep on my arm at last. Option: lullaby. Does it suit the situation? yes\n"
        "Situation: I have to be at the airport in twenty minutes. Option: taxi. Does it suit the situation? yes\n"
        "Situation: I have to be at the airport in twenty minutes. Option: walk. Does it suit the situation? no\n"
    ),
)
_REASON_ENDS = re.compile(r"\.?\s*\bBetter:|[.!?](?:\s|$)")


@dataclass(frozen=True, slots=True)
class Weighing:
    """What came of weighing one choice, without its words: which of the two in the order of the message was taken, and the
    probability that it got over all `reasons`. `wants`: what the agent wants to say then."""

    taken: Literal[0, 1]
    chance: float
    reasons: int
    wants: str = field(compare=False)
    usage: Usage = field(default=Usage(), compare=False)


def choice_of(moment: Moment, place: Vector = ()) -> Alternatives | None:
    """The choice that the agent is asked to make, with what its author tells: in the same message, or else in those just before.
    `place`: the embedding of what the agent answers. None where there is none, where it is one of the world ("which is
    larger, Mars or Venus?"), and where the agent's own liking is asked for."""
    about = asked_of(moment)
    if about is None or about.author.kind != "human" or called(moment) != moment.agent.id:
        return None
    found = alternatives(about.text, moment.agent.name)
    if found is None or of_you(about.text):
        return None
    names = [m.name for m in moment.others]
    # By its words or by where it lies: a reading that takes a choice of one's own for a verdict must not end it.
    if {asking(about.text, names), asked(about.text, names, place)} <= {"factual", "judging"}:
        return None
    if found.told:
        return found
    before = [m for m in moment.transcript.messages if m.seq < about.seq][-_RECENT:]
    told = " ".join(one_line(m.text) for m in before if m.author.id == about.author.id)
    return Alternatives(told, found.first, found.second)


async def weighed(
    moment: Moment, known: Known, place: Vector, model: LanguageModel, seed: int, *, urgent: bool = False
) -> Weighing | None:
    """The choice that the agent is asked to make, weighed by what is told and what is `known`, but for what may be of another
    occasion. None where there is none, and where something was said for just such an occasion, which decides by itself. Raises
    ModelError, and LeakError where somebody here may not hear what is `known`."""
    choice = None if known.decisive else choice_of(moment, place)
    if choice is None:
        return None
    ensure_admitted(known.items, moment)
    remembered = [t.text for t in known.items if t.id not in known.doubtful]
    return await weigh(choice, remembered, model, seed, urgent=urgent)


async def weigh(
    choice: Alternatives, remembered: Sequence[str], model: LanguageModel, seed: int, *, urgent: bool = False
) -> Weighing | None:
    """`remembered`: lines that a reply may know. None where there is nothing to weigh it by, where the model is too small to give
    reasons, or gives none. Raises ModelError."""
    if model.name in RULES_ONLY or not (choice.told or remembered):
        return None
    orders = [(choice.first, choice.second), (choice.second, choice.first)]
    asks = [_asks(choice.told, remembered, *order) for order in orders]
    answer = await model.propose([ask for ask in asks for _ in range(REASONS)], WORDS, seed, urgent=urgent)
    texts = [_REASON_ENDS.split(one_line(c.text))[0].strip() for c in answer.continuations]
    spent, total, count = answer.usage, 0.0, 0
    for n, (ask, order) in enumerate(zip(asks, orders, strict=True)):
        reasons = [t for t in texts[n * REASONS : (n + 1) * REASONS] if t]
        if not reasons:
            continue
        branches = [f" {reason}. Better:" for reason in reasons]
        rated = await model.rate(ask, branches, [""], [f" {one}\n" for one in order], urgent=urgent)
        firsts = [row[0][n] for row in rated.probabilities]
        spent, total, count = spent + rated.usage, total + sum(firsts), count + len(firsts)
    if not count:
        return None
    suits, more = await _suits(choice, remembered, model, urgent)
    first = 1 / (1 + exp(-(logit(total / count) + suits)))
    taken: Literal[0, 1] = 0 if first >= 0.5 else 1
    wants = f"I would choose {(choice.first, choice.second)[taken]}, because {_because(choice)}."
    return Weighing(taken, max(first, 1 - first), count, wants, spent + more)


async def _suits(
    choice: Alternatives, remembered: Sequence[str], model: LanguageModel, urgent: bool
) -> tuple[float, Usage]:
    """How much better the first suits the situation than the second, each looked at alone, in logits. Raises ModelError."""
    places = [f"{one_line(choice.told)}{_known(remembered)}", "N/A."]
    branches = [
        f"Situation: {place} Option: {one}. Does it suit the situation?"
        for place in places
        for one in (choice.first, choice.second)
    ]
    rated = await model.rate(_SUITS, branches, [""], (" yes", " no"), urgent=urgent)
    here, there, first_alone, second_alone = (logit(row[0][0]) for row in rated.probabilities)
    return here - there - ALONE * (first_alone - second_alone), rated.usage


def _asks(told: str, remembered: Sequence[str], first: str, second: str) -> Prompt:
    place = f"Situation: {one_line(told) or 'nothing else is known.'}{_known(remembered)}"
    return (*_TASK, Part(f"{place} Choice: {first} or {second}. What matters:", "assistant", data=True))


def _because(choice: Alternatives) -> str:
    """What its author tells, as somebody else would say it: it is grounds enough, and keeps apart the choices of two people."""
    told = third_person(one_line(choice.told)).rstrip(".!? ")
    return f"{told[:1].lower()}{told[1:]}" if 0 < len(told) <= LONGEST else "it suits the situation"


def _known(remembered: Sequence[str]) -> str:
    return f" Remembered: {' '.join(one_line(line) for line in remembered)}" if remembered else ""
