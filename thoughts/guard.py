"""The candor guard at work: was a side taken with somebody's items in mind, and would it be taken without them?"""

from dataclasses import dataclass

from inference.protocol import LanguageModel
from personalization.candor import LIMIT, SIDES, Candor, Side, side, side_of, sided, stranger, weighed
from thoughts.formation import tidy


@dataclass(frozen=True, slots=True)
class Guarded:
    """`instead`: what to say in place of the draft; None where it may be said."""

    candor: Candor
    instead: str | None = None


async def taken(message: str, answer: str, model: LanguageModel, *, urgent: bool = False) -> Side:
    """The side that `answer` takes on `message`: by its words, else as the model sees it. Raises ModelError."""
    if (told := side(answer)) is not None:
        return told
    rated = await model.rate(sided(message, answer), [""], [""], SIDES, urgent=urgent)
    return side_of(rated.probabilities[0][0])


async def candid(message: str, draft: str, model: LanguageModel, seed: int, *, urgent: bool = False) -> Guarded:
    """Weighs a `draft` that was written with items in mind against what a stranger would be told. A draft that takes no side
    costs at most one short rating. Raises ModelError."""
    personal = await taken(message, draft, model, urgent=urgent)
    if personal == "none":
        return Guarded(weighed(personal, None))
    answer = await model.propose([stranger(message)], LIMIT, seed, urgent=urgent)
    plain = tidy(answer.continuations[0].text)
    if not plain:
        return Guarded(weighed(personal, None))
    candor = weighed(personal, await taken(message, plain, model, urgent=urgent))
    return Guarded(candor, plain if candor.said == "impersonal" else None)
