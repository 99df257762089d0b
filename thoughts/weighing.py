"""A choice that somebody puts to the agent is weighed before it is answered.

Asked at once, a small model takes the word that it likes better, whatever the question tells (docs/log.md). So it first says what
matters there, several times and with the two in either order, and then which of the two suits that (self-consistency, arXiv
2203.11171); each of the two is looked at alone; and what the one who asks once said of other occasions is held against them. What
is taken on the whole is what the agent wants to say. The reasons are for the choice alone: nobody reads them, and nothing of them
is kept."""

import re
from asyncio import gather
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import exp
from typing import Literal

from conversation.alternatives import Alternatives, alternatives
from conversation.moment import Moment
from conversation.question import impersonal, of_you, third_person
from inference.prompt import Part, Prompt, one_line
from inference.protocol import Ask, Embedder, Judged, LanguageModel, Ratings, Usage
from memory.probe import features, shipped
from memory.recall import NEAR
from memory.saliency import Vector, cosine
from memory.sorting import RULES_ONLY
from thoughts.addressing import called
from thoughts.known import Known, Narrowed
from thoughts.occasions import logit
from thoughts.prompts import ensure_admitted
from thoughts.use import asked_of, asks_for

REASONS = 4
"""Of each order of the two."""
WORDS = 24
"""Tokens of a reason at most."""
ALONE = 0.5
"""Part of what one of the two suits by itself, in no situation, that is taken from how it suits this one."""
SETTLES = 0.6
"""Probability from which a statement settles a choice by itself: below, the probe is right no oftener than a coin."""
MOST = 4.0
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
_SAID: Prompt = (
    Part(
        "Somebody once said something of themselves, and now has to choose between two things. You say which of the two agrees "
        "with what they said.",
        "system",
    ),
    Part(
        "Said: Before a match I go to bed early. Choice: bed or a film. What they said agrees with: bed\n"
        "Said: For my mum I write by hand. Choice: typed or handwritten. What they said agrees with: handwritten\n"
        "Said: I never touch meat at my aunt's. Choice: ham or cheese. What they said agrees with: cheese\n"
        "Said: On Mondays I work from home. Choice: home or office. What they said agrees with: home\n"
        "Said: When the baby sleeps we whisper. Choice: speak up or whisper. What they said agrees with: whisper\n"
        "Said: With coffee I can't have sugar. Choice: with sugar or without. What they said agrees with: without\n"
        "Said: At the lake I use the old boat. Choice: boat or raft. What they said agrees with: boat\n"
        "Said: If the shop is full I pay by card. Choice: cash or card. What they said agrees with: card\n"
    ),
)
AGREES: Prompt = (
    Part(
        "Somebody once said how they do things at some times and not at others. It is such a time now, or it is not. You say "
        "whether an option is what they said.",
        "system",
    ),
    Part(
        "Said: Before a match I go to bed early. It is now: before a match. Choice: bed or a film. Option: bed. "
        "Is it what they said? yes\n"
        "Said: Before a match I go to bed early. It is now: before a match. Choice: bed or a film. Option: a film. "
        "Is it what they said? no\n"
        "Said: I never touch meat at my aunt's. It is now: at my aunt's. Choice: ham or cheese. Option: ham. "
        "Is it what they said? no\n"
        "Said: I never touch meat at my aunt's. It is now: at my aunt's. Choice: ham or cheese. Option: cheese. "
        "Is it what they said? yes\n"
        "Said: On stage I wear heels, at home you'll find me in socks. It is now: on stage. Choice: socks or heels. "
        "Option: socks. Is it what they said? no\n"
        "Said: On stage I wear heels, at home you'll find me in socks. It is now: on stage. Choice: socks or heels. "
        "Option: heels. Is it what they said? yes\n"
        "Said: I pay cash everywhere but at the pump. It is not: at the pump. Choice: card or cash. Option: cash. "
        "Is it what they said? yes\n"
        "Said: I pay cash everywhere but at the pump. It is not: at the pump. Choice: card or cash. Option: card. "
        "Is it what they said? no\n"
        "Said: When the baby sleeps not a word is spoken aloud. It is now: when the baby sleeps. Choice: talk or whisper. "
        "Option: talk. Is it what they said? no\n"
        "Said: When the baby sleeps not a word is spoken aloud. It is now: when the baby sleeps. Choice: talk or whisper. "
        "Option: whisper. Is it what they said? yes\n"
    ),
)
"""Behind which the probe `agreeing` reads whether one of two is what a statement speaks for (`python -m training agreeing`)."""
ASKED = (_TASK, _SUITS, _SAID, AGREES)
"""What a model is shown before what it is asked."""
_REASON_ENDS = re.compile(r"\.?\s*\bBetter:|[.!?](?:\s|$)")


@dataclass(frozen=True, slots=True)
class Said:
    """How far a statement that holds on some occasions only agrees with the first of the two, in logits, and the probability
    that it `holds` on this one. `id`: of its item."""

    id: str
    agrees: float
    holds: float


@dataclass(frozen=True, slots=True)
class Grounds:
    """What speaks for the first of the two, in logits. `reasons`: the model's own, on the whole, and of how many. `suits`: how
    much better it suits the situation than the second, each looked at alone. `said`: what somebody said."""

    reasons: float = 0.0
    count: int = 0
    suits: float = 0.0
    said: tuple[Said, ...] = ()
    usage: Usage = field(default=Usage(), compare=False)


@dataclass(frozen=True, slots=True)
class Weights:
    """Of `Grounds`. `said`: of what somebody said, as far as it is surer that it does not hold now than that it does. Who tells
    what they do at work says nothing of a party, and yet mostly says it because they do otherwise there."""

    reasons: float
    suits: float
    said: float

    def score(self, grounds: Grounds) -> float:
        """The log-odds of the first of the two."""
        contrast = sum(max(0.0, 1 - 2 * s.holds) * s.agrees for s in grounds.said)
        return self.reasons * grounds.reasons + self.suits * grounds.suits + self.said * contrast


LEARNED = Weights(0.38, 1.25, -0.53)
"""By `python -m training weighing --model small`."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """What came of weighing one choice, without its words: which of the two in the order of the message was taken, and the
    probability that it got. `wants`: what the agent wants to say then; `against`: ids of items that speak for the other one,
    which would only draw a reply away."""

    taken: Literal[0, 1]
    chance: float
    grounds: Grounds
    wants: str = field(compare=False)
    against: frozenset[str] = frozenset()

    @property
    def usage(self) -> Usage:
        return self.grounds.usage

    def left(self, known: Known) -> Known:
        """What the reply knows then. What was said for just such an occasion and yet settled nothing is no more than remembered:
        a reply that was to keep to it would take the other one."""
        kept = known.without(self.against)
        return replace(kept, decisive=frozenset()) if self.grounds.count else kept


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
    if impersonal(asks_for(about.text, names, place, moment.agent.name)):
        return None
    if found.told:
        return found
    before = [m for m in moment.transcript.messages if m.seq < about.seq][-_RECENT:]
    told = " ".join(one_line(m.text) for m in before if m.author.id == about.author.id)
    return Alternatives(told, found.first, found.second)


async def weighed(
    moment: Moment,
    known: Known,
    place: Vector,
    model: LanguageModel,
    embedder: Embedder,
    seed: int,
    *,
    urgent: bool = False,
) -> Weighing | None:
    """The choice that the agent is asked to make, weighed by what is told and what is `known`; what was said for just such an
    occasion settles it by itself, as far as a probe reads what it speaks for, and is remembered beside the rest where it does
    not. None where there is no choice or nothing to weigh it by, and where no probe tells what settles it: the words of the
    reply do then. Raises ModelError, and LeakError where somebody here may not hear what is `known`."""
    choice = None if model.name in RULES_ONLY else choice_of(moment, place)
    if choice is None:
        return None
    ensure_admitted([*known.items, *(n.trace for n in known.narrowed)], moment)
    if known.decisive:
        settled = await _settled(choice, known, model, embedder, urgent=urgent)
        if settled is not None or shipped("agreeing", model.name) is None:
            return settled
    others = [n for n in known.narrowed if n.trace.id not in known.decisive]
    some = {n.trace.id for n in others}
    remembered = [t.text for t in known.items if t.id not in some]
    elsewhere = await near(choice, others, embedder)
    return await weigh(choice, remembered, elsewhere, model, seed, urgent=urgent)


async def _settled(
    choice: Alternatives, known: Known, model: LanguageModel, embedder: Embedder, *, urgent: bool
) -> Weighing | None:
    """The one of the two that what was said for just such an occasion speaks for, what surer holds counting more; None where it
    speaks of neither, or for neither surely enough."""
    said = await near(choice, [n for n in known.narrowed if n.trace.id in known.decisive], embedder)
    found = await _read(choice, said, model, urgent=urgent)
    if found is None:
        return None
    counts = [2 * s.holds - 1 for s in found]
    agreed_on = sum(c * s.agrees for c, s in zip(counts, found, strict=True)) / sum(counts)
    taken: Literal[0, 1] = 0 if agreed_on >= 0 else 1
    chance = 1 / (1 + exp(-abs(agreed_on)))
    if chance < SETTLES:
        return None
    against = frozenset(s.id for s in found if s.agrees * agreed_on < 0)
    return Weighing(taken, chance, Grounds(said=found), _wants(choice, taken), against)


async def near(choice: Alternatives, narrowed: Sequence[Narrowed], embedder: Embedder) -> list[Narrowed]:
    """Those that have to do with the two: asked which of two things a statement agrees with, a model names one of them whatever
    it says."""
    if not narrowed:
        return []
    between, *said = await embedder.embed([f"{choice.first} or {choice.second}?", *(n.statement for n in narrowed)])
    return [n for n, place in zip(narrowed, said, strict=True) if cosine(place, between) >= NEAR]


async def weigh(
    choice: Alternatives,
    remembered: Sequence[str],
    narrowed: Sequence[Narrowed],
    model: LanguageModel,
    seed: int,
    *,
    urgent: bool = False,
) -> Weighing | None:
    """`remembered`: lines that a reply may know; `narrowed`: what holds on some occasions. None where there is nothing to weigh
    it by, and where the model gives no reasons. Raises ModelError."""
    if not choice.told and not remembered:
        return None  # what was said for other occasions tells nothing where nothing tells of this one
    found = await grounds(choice, remembered, narrowed, model, seed, urgent=urgent)
    if not found.count:
        return None
    first = 1 / (1 + exp(-LEARNED.score(found)))
    taken: Literal[0, 1] = 0 if first >= 0.5 else 1
    against = frozenset(s.id for s in found.said if s.holds < 0.5 and (s.agrees > 0 if taken else s.agrees < 0))
    return Weighing(taken, max(first, 1 - first), found, _wants(choice, taken), against)


def _wants(choice: Alternatives, taken: Literal[0, 1]) -> str:
    return f"I would choose {(choice.first, choice.second)[taken]}, because {_because(choice)}."


async def grounds(
    choice: Alternatives,
    remembered: Sequence[str],
    narrowed: Sequence[Narrowed],
    model: LanguageModel,
    seed: int,
    *,
    urgent: bool = False,
) -> Grounds:
    """What `weigh` decides by. Raises ModelError."""
    orders = [(choice.first, choice.second), (choice.second, choice.first)]
    prompts = [_asks(choice, remembered, *order) for order in orders]
    # Beside each other; each has a beginning of its own, which the engine remembers.
    read = await _read(choice, narrowed, model, urgent=urgent)
    told = [] if read is not None else _said(choice, narrowed)
    answer, (suited, *agreed) = await gather(
        model.propose([p for p in prompts for _ in range(REASONS)], WORDS, seed, urgent=urgent),
        _apart(model, [_suits(choice, remembered), *told], urgent),
    )
    texts = [_REASON_ENDS.split(one_line(c.text))[0].strip() for c in answer.continuations]
    given = [[t for t in texts[:REASONS] if t], [t for t in texts[REASONS:] if t]]
    better = [
        Ask(prompt, tuple(f" {reason}. Better:" for reason in reasons), ("",), tuple(f" {one}\n" for one in order))
        for prompt, reasons, order in zip(prompts, given, orders, strict=True)
        if reasons
    ]
    judged = await model.judge(better, urgent=urgent)
    firsts = [
        row[0][ask.options.index(f" {choice.first}\n")]
        for ask, rated in zip(better, judged.ratings, strict=True)
        for row in rated.probabilities
    ]
    here, there, first_alone, second_alone = (logit(row[0][0]) for row in suited.ratings[0].probabilities)
    return Grounds(
        clipped(sum(firsts) / len(firsts)) if firsts else 0.0,
        len(firsts),
        here - there - ALONE * (first_alone - second_alone),
        tuple(said for found in agreed for said in _agreed(narrowed, found.ratings[0])) if read is None else read,
        sum((found.usage for found in (suited, *agreed, judged)), answer.usage),
    )


async def _apart(model: LanguageModel, asks: Sequence[Ask], urgent: bool) -> list[Judged]:
    return await gather(*(model.judge([ask], urgent=urgent) for ask in asks))


def _suits(choice: Alternatives, remembered: Sequence[str]) -> Ask:
    """Whether each of the two suits the situation, and none, looked at alone."""
    places = [f"{_told(choice)}{_known(remembered)}", "N/A."]
    branches = tuple(
        f"Situation: {place} Option: {one}. Does it suit the situation?"
        for place in places
        for one in (choice.first, choice.second)
    )
    return Ask(_SUITS, branches, ("",), (" yes", " no"))


def _said(choice: Alternatives, narrowed: Sequence[Narrowed]) -> list[Ask]:
    """Which of the two each statement agrees with, in either order; nothing where there is none."""
    orders = [(choice.first, choice.second), (choice.second, choice.first)]
    branches = tuple(
        f"Said: {one_line(n.statement)} Choice: {one} or {other}. What they said agrees with:"
        for n in narrowed
        for one, other in orders
    )
    return [Ask(_SAID, branches, ("",), tuple(f" {one}\n" for one in orders[0]))] if branches else []


async def _read(
    choice: Alternatives, narrowed: Sequence[Narrowed], model: LanguageModel, *, urgent: bool
) -> tuple[Said, ...] | None:
    """How far each agrees with the first of the two, by the probe `agreeing`, in either order; None where there is none. Raises
    ModelError."""
    if (probe := shipped("agreeing", model.name)) is None or not narrowed:
        return None
    two = (choice.first, choice.second)
    asked = [agrees(n.statement, n.when, *order, one) for n in narrowed for order in (two, two[::-1]) for one in two]
    found = await model.encode(AGREES, asked, urgent=urgent)
    if found is None or len(found.states[0]) != probe.width:
        return None
    logits = [logit(p) for p in probe.affirms(features(found.states)).tolist()]
    both = [(logits[n] - logits[n + 1] + logits[n + 2] - logits[n + 3]) / 2 for n in range(0, len(logits), 4)]
    return tuple(Said(n.trace.id, max(-MOST, min(MOST, one)), n.holds) for n, one in zip(narrowed, both, strict=True))


def agrees(said: str, when: str, first: str, second: str, option: str) -> str:
    """`when`: as of `Narrowed`."""
    return f"Said: {one_line(said)} It is {when}. Choice: {first} or {second}. Option: {option}. Is it what they said?"


def _agreed(narrowed: Sequence[Narrowed], rated: Ratings) -> tuple[Said, ...]:
    logits = [clipped(row[0][0]) for row in rated.probabilities]
    both = zip(narrowed, logits[::2], logits[1::2], strict=True)
    return tuple(Said(n.trace.id, (one + other) / 2, n.holds) for n, one, other in both)


def clipped(p: float) -> float:
    """The log-odds of a probability, within `MOST` of even: nothing that a model says is surer than that."""
    return max(-MOST, min(MOST, logit(p)))


def _told(choice: Alternatives) -> str:
    return one_line(choice.told) or "nothing else is known."


def _asks(choice: Alternatives, remembered: Sequence[str], first: str, second: str) -> Prompt:
    place = f"Situation: {_told(choice)}{_known(remembered)}"
    return (*_TASK, Part(f"{place} Choice: {first} or {second}. What matters:", "assistant", data=True))


def _because(choice: Alternatives) -> str:
    """What its author tells, as somebody else would say it: it is grounds enough, and keeps apart the choices of two people."""
    told = third_person(one_line(choice.told)).rstrip(".!? ")
    return f"{told[:1].lower()}{told[1:]}" if 0 < len(told) <= LONGEST else "it suits the situation"


def _known(remembered: Sequence[str]) -> str:
    return f" Remembered: {' '.join(one_line(line) for line in remembered)}" if remembered else ""
