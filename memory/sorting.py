"""What a model makes of sentences: which are worth keeping and as what, whether a newer one takes the place of an older one, and
whether an answer corrects a claim. It chooses among words that people wrote and writes none of its own: what is kept was said."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.prompt import Part, Prompt
from inference.protocol import LanguageModel, Ratings
from memory.item import ItemKind
from memory.sentences import corrects, kind_of
from memory.slots import of_slot, slot

RULES_ONLY = frozenset({"tiny", "scripted"})
"""Models that sort no better than the rules: there the rules and the embeddings decide."""
RULED = 0.7
"""Confidence of an item whose kind a rule told."""
SURE = 0.5
"""Probability from which the model's answer counts."""

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

    @property
    def by_rules(self) -> bool:
        return self._model.name in RULES_ONLY

    async def kinds(self, sentences: Sequence[str]) -> tuple[Sorted | None, ...]:
        """None for what is not worth keeping. The model is asked about what the rules do not know: `small` hardly tells the
        letters apart (docs/log.md), and must not undo them."""
        ruled = [None if (kind := kind_of(one)) is None else Sorted(kind, RULED) for one in sentences]
        unclear = [place for place, found in enumerate(ruled) if found is None]
        if self.by_rules or not unclear:
            return tuple(ruled)
        rated = await self._model.rate(_SORT, [sentences[place] for place in unclear], ["\nThe letter:"], _LETTERS)
        for place, row in zip(unclear, rated.probabilities, strict=True):
            ruled[place] = _best(row[0])
        return tuple(ruled)

    async def closes(self, pairs: Sequence[tuple[str, str]]) -> tuple[bool, ...]:
        """Of each (newer, older): whether the older holds no longer."""
        slots = {newer: slot(newer) for newer in dict.fromkeys(newer for newer, _ in pairs)}
        ruled = [of_slot(slots[newer], older) for newer, older in pairs]
        if self.by_rules or all(ruled):  # none asked: nothing to ask
            return tuple(ruled)
        asked = await self._yes(_NEWER, [f"First: {older} Later: {newer}" for newer, older in pairs])
        return tuple(a or b for a, b in zip(ruled, asked, strict=True))

    async def corrects(self, pairs: Sequence[tuple[str, str]]) -> tuple[bool, ...]:
        """Of each (claim, answer)."""
        if self.by_rules or not pairs:
            return tuple(corrects(answer) for _, answer in pairs)
        asked = await self._yes(_CORRECTION, [f"Claim: {claim} Answer: {answer}" for claim, answer in pairs])
        return tuple(a or corrects(answer) for a, (_, answer) in zip(asked, pairs, strict=True))

    async def _yes(self, prompt: Prompt, branches: Sequence[str]) -> tuple[bool, ...]:
        rated: Ratings = await self._model.rate(prompt, branches, ["\nYes or no:"], (" yes", " no"))
        return tuple(row[0][0] >= SURE for row in rated.probabilities)


def _best(row: Sequence[float]) -> Sorted | None:
    best = max(range(len(row)), key=lambda i: row[i])
    kind = _KINDS[best]
    return None if kind is None or row[best] < SURE else Sorted(kind, round(row[best], 3))
