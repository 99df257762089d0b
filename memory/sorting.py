"""What a model makes of sentences: which are worth keeping and as what, under which circumstances they hold, whether a newer one
takes the place of an older one, and whether an answer corrects a claim. What is kept was said: the model chooses among words that
people wrote, and puts nothing into its own but a circumstance, which stands beside them.

Small models are not asked for a word: whether they would say "yes" tells little, what the question is in their middle tells
much more (memory/probe.py). A model without a probe, as behind a server, answers in words.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from inference.prompt import Part, Prompt
from inference.protocol import LanguageModel, Ratings
from memory.examples import ALWAYS, HOLDS, NAMES, STANDS, WORTH, holds, names, stands, worth
from memory.item import ItemKind
from memory.probe import Floats, Probe, features, shipped
from memory.scope import LONGEST, scope
from memory.sentences import corrects, kind_of
from memory.slots import of_slot, slot
from memory.topics import telling

RULES_ONLY = frozenset({"tiny", "scripted"})
"""Models that say no more in words than the rules: where they have no probe, the rules and the embeddings decide."""
RULED = 0.7
"""Confidence of an item whose kind a rule told."""
SURE = 0.5
"""Probability from which the model's answer counts."""
KEEPS, CLOSES, NARROWS = 0.4, 0.75, 0.6
"""Probabilities of a probe from which a sentence is kept, an older one closed for good, and a circumstance asked for. What is
closed by mistake is lost, what is kept by mistake lies about: chosen with `python -m training keeping` and `closing`."""
MAY_KEEP = 0.1
"""Probability from which a sentence is kept where the same person has said something of the kind before."""
MOST = 1
"""Older statements that a newer one closes at most by its meaning: a person with a long memory has many that look alike, and one
that is closed by mistake is lost to the talk."""
KEPT: tuple[ItemKind, ...] = ("fact", "preference", "event")
"""What the probe of kinds tells apart."""
SAMPLES, WORDS = 5, 12
"""Circumstances that are asked for, and tokens of one: the one named most often is taken."""
SEED, NAMED = 0, 4
"""Of the samples; sentences whose circumstances are sampled together."""
STEM = 4
"""Letters by which a word is another: "driving" and "drive"."""
AT_ONCE = 32
"""Sentences or pairs that are encoded in one call."""

_ENDS = re.compile(r"[.,;:!?\n]|\bOnly when\b|\bSaid\b")
_BEGINS = re.compile(r"^(?:it|I|we|they|there|he|she|the|my|our)(?:['’](?:s|m|re))?\b", re.IGNORECASE)
_KINDS: tuple[ItemKind | None, ...] = ("fact", "preference", "event", "claim", None)
_LETTERS = (" A", " B", " C", " D", " E")
_SORT: Prompt = (
    Part("You sort sentences from a group chat by what they tell. Answer with one letter.", "system"),
    Part(
        "A: something lasting about the life of the person who wrote it (home, work, family, health, what they have or can)\n"
        "B: what that person likes, dislikes, wants or prefers\n"
        "C: something that happened to that person, or that they have planned\n"
        "D: a statement about the world that may be right or wrong\n"
        "E: small talk, a reaction, an order or a passing remark: nothing to remember\n\n"
        "The sentence:\n"
    ),
)
_NEWER: Prompt = (
    Part("Answer with yes or no.", "system"),
    Part(
        "A person said one thing, and later another. Does the later one replace the earlier one, so that the earlier one is no "
        "longer true?\n"
    ),
)
_CORRECTION: Prompt = (
    Part("Answer with yes or no.", "system"),
    Part("A person claimed something, and somebody answered. Does the answer say that the claim is wrong?\n"),
)


@dataclass(frozen=True, slots=True)
class Sorted:
    kind: ItemKind
    confidence: float


class Sorter:
    """`model` where it is able to, else the rules. Raises ModelError."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._keeping, self._kinds, self._closing, self._narrowed = (
            shipped(name, model.name) for name in ("keeping", "kinds", "closing", "narrowed")
        )

    @property
    def by_rules(self) -> bool:
        """Whether nothing but rules tells that one statement takes the place of another."""
        return self._in_rules and self._closing is None

    @property
    def by_meaning(self) -> bool:
        """Whether more than words that both have tells it."""
        return self._closing is not None

    @property
    def _in_rules(self) -> bool:
        return self._model.name in RULES_ONLY

    async def kinds(self, sentences: Sequence[str]) -> tuple[Sorted | None, ...]:
        """None for what is not worth keeping; what is only with something of the kind beside it is less sure than KEEPS. What a
        rule knows is not asked about."""
        found = [None if (kind := kind_of(one)) is None else Sorted(kind, RULED) for one in sentences]
        unclear = [place for place, known in enumerate(found) if known is None]
        some = [sentences[place] for place in unclear]
        read = await self._encoded(WORTH, [worth(one) for one in some], self._keeping)
        if read is not None:
            assert self._keeping is not None
            assert self._kinds is not None
            chances, kinds = self._keeping.affirms(read), self._kinds.chances(read)
            told = [
                Sorted(KEPT[int(kinds[n].argmax())], round(float(chance), 3)) if chance >= MAY_KEEP else None
                for n, chance in enumerate(chances)
            ]
        elif some and not self._in_rules:
            rated = await self._model.rate(_SORT, some, ["\nThe letter:"], _LETTERS)
            told = [_best(row[0]) for row in rated.probabilities]
        else:
            told = []
        for place, known in zip(unclear, told, strict=False):
            found[place] = known
        return tuple(found)

    async def closes(self, pairs: Sequence[tuple[str, str]]) -> tuple[bool, ...]:
        """Of each (newer, older): whether the older holds no longer."""
        slots = {newer: slot(newer) for newer in dict.fromkeys(newer for newer, _ in pairs)}
        ruled = [of_slot(slots[newer], older) for newer, older in pairs]
        open_ = [pair for pair, closed in zip(pairs, ruled, strict=True) if not closed]
        read = await self._encoded(STANDS, [stands(newer, older) for newer, older in open_], self._closing)
        if read is not None:
            assert self._closing is not None
            told = iter(_likeliest([newer for newer, _ in open_], self._closing.affirms(read).tolist()))
        elif self._in_rules or not open_:
            return tuple(ruled)
        else:
            told = iter(await self._yes(_NEWER, [f"First: {older} Later: {newer}" for newer, older in open_]))
        return tuple(closed or next(told) for closed in ruled)

    async def circumstances(self, sentences: Sequence[str]) -> tuple[str, ...]:
        """Under which each holds, as the model puts it; empty where it holds always, names its own circumstance beyond doubt, or
        nobody can tell."""
        found = ["" for _ in sentences]
        open_ = [n for n, one in enumerate(sentences) if (named := scope(one)) is None or not named.firm]
        if self._in_rules and self._narrowed is None:
            return tuple(found)
        shown, asks = HOLDS, holds  # in words it may hold always, too
        read = await self._encoded(HOLDS, [holds(sentences[place]) for place in open_], self._narrowed)
        if read is not None:
            assert self._narrowed is not None
            chances = self._narrowed.affirms(read)
            open_ = [place for place, chance in zip(open_, chances, strict=True) if chance >= NARROWS]
            shown, asks = NAMES, names
        for start in range(0, len(open_), NAMED):
            some = open_[start : start + NAMED]
            prompts = [(*shown, Part(asks(sentences[place]), "assistant", data=True)) for place in some]
            said = await self._model.propose([p for p in prompts for _ in range(SAMPLES)], WORDS, SEED)
            texts = [one.text for one in said.continuations]
            for n, place in enumerate(some):
                found[place] = _named(sentences[place], texts[n * SAMPLES : (n + 1) * SAMPLES])
        return tuple(found)

    async def corrects(self, pairs: Sequence[tuple[str, str]]) -> tuple[bool, ...]:
        """Of each (claim, answer)."""
        if self._in_rules or not pairs:
            return tuple(corrects(answer) for _, answer in pairs)
        asked = await self._yes(_CORRECTION, [f"Claim: {claim} Answer: {answer}" for claim, answer in pairs])
        return tuple(a or corrects(answer) for a, (_, answer) in zip(asked, pairs, strict=True))

    async def _yes(self, prompt: Prompt, branches: Sequence[str]) -> list[bool]:
        rated: Ratings = await self._model.rate(prompt, branches, ["\nYes or no:"], (" yes", " no"))
        return [row[0][0] >= SURE for row in rated.probabilities]

    async def _encoded(self, prompt: Prompt, branches: Sequence[str], probe: Probe | None) -> Floats | None:
        """What `probe` reads of `branches`; None where there is none, or nothing that it could read."""
        if probe is None or not branches:
            return None
        states: list[tuple[float, ...]] = []
        for start in range(0, len(branches), AT_ONCE):
            found = await self._model.encode(prompt, branches[start : start + AT_ONCE])
            if found is None or len(found.states[0]) != probe.width:
                return None
            states += found.states
        return features(states)


def _best(row: Sequence[float]) -> Sorted | None:
    best = max(range(len(row)), key=lambda i: row[i])
    kind = _KINDS[best]
    return None if kind is None or row[best] < SURE else Sorted(kind, round(row[best], 3))


def _likeliest(newer: Sequence[str], chances: Sequence[float]) -> list[bool]:
    """Which are closed: of each newer statement the likeliest MOST, where they are likely enough."""
    order = sorted(range(len(newer)), key=lambda n: -chances[n])
    found, closed = [False] * len(newer), Counter[str]()
    for n in order:
        found[n] = chances[n] >= CLOSES and closed[newer[n]] < MOST
        closed[newer[n]] += found[n]
    return found


def _named(sentence: str, samples: Sequence[str]) -> str:
    """The circumstance that is named most often, of as many the first. One that is told by other words than the sentence has must
    be named by more than half; empty where there is none."""
    plain = [_ENDS.split(one)[0].strip(" \"'") for one in samples]
    said = Counter(one.casefold() for one in plain)
    own = _stems(sentence)

    def sound(one: str) -> bool:
        if one.casefold() == ALWAYS:
            return True
        mine = _stems(_BEGINS.sub("", one))
        return len(mine) > 0 and len(one.split()) <= LONGEST and (mine <= own or 2 * said[one.casefold()] > len(plain))

    best = max(filter(sound, plain), key=lambda one: said[one.casefold()], default="")
    if not best or best.casefold() == ALWAYS:
        return ""
    return f"when {best}" if _BEGINS.match(best) else best


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:STEM] for word in telling(text))
