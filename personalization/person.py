"""Simulated people who answer in words: plainly, vaguely, off the point, contradicting themselves, and now and then untruly."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from personalization.phrasing import Phrasing, phrased
from personalization.space import Dimension, Space

Traits = Mapping[str, str]
"""The value of each dimension."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How often an answer is vague, is off the point, first says the opposite and takes it back, says the opposite and does
    not, or brings up something else as well; 0–1, the first four never together. Where a word like yes will do, `short` is the
    part of the answers that are nothing else, and `bare` the part of the others that go without it."""

    vague: float = 0.0
    off: float = 0.0
    turn: float = 0.0
    untrue: float = 0.0
    also: float = 0.0
    short: float = 0.3
    bare: float = 0.0


PLAIN = Manners()
MESSY = Manners(vague=0.08, off=0.06, turn=0.08, untrue=0.02, also=0.12, bare=0.3)
MANNERS: Mapping[str, Manners] = {"plain": PLAIN, "messy": MESSY}


@dataclass(frozen=True, slots=True)
class Said:
    """`about`: the dimensions that the text speaks of, truly or not."""

    text: str
    about: tuple[str, ...]


def draw(space: Space, rng: random.Random) -> dict[str, str]:
    """One of the population: each dimension by its prior, independently."""
    return {d.name: rng.choices(d.values, d.prior)[0] for d in space.dimensions}


def answer(
    asked: Dimension, traits: Traits, manners: Manners, phrasing: Phrasing, volunteered: Sequence[Dimension], rng: random.Random
) -> Said:  # fmt: skip
    """What a person of these traits answers when asked about one of them; one of `volunteered` may slip in as well."""
    draw = rng.random()
    about: tuple[str, ...] = (asked.name,)
    if draw < manners.vague:
        text, about = phrased(rng.choice(phrasing.vague), rng), ()
    elif (draw := draw - manners.vague) < manners.off:
        text, about = phrased(rng.choice(phrasing.off), rng), ()
    elif (draw := draw - manners.off) < manners.turn:
        first = state(asked, _another(asked, traits[asked.name], rng), manners, phrasing, rng)
        then = state(asked, traits[asked.name], manners, phrasing, rng)
        text = f"{first} {phrased(rng.choice(phrasing.turn), rng)} {then}"
    elif draw - manners.turn < manners.untrue:
        text = state(asked, _another(asked, traits[asked.name], rng), manners, phrasing, rng)
    else:
        text = state(asked, traits[asked.name], manners, phrasing, rng)
    if volunteered and rng.random() < manners.also:
        other = rng.choice(volunteered)
        if other.name not in about:
            more = phrased(rng.choice(phrasing.of(other.name, traits[other.name])), rng)
            return Said(f"{text} {rng.choice(phrasing.also)} {more[:1].lower()}{more[1:]}", (*about, other.name))
    return Said(text, about)


def state(dimension: Dimension, value: str, manners: Manners, phrasing: Phrasing, rng: random.Random) -> str:
    """A word, a sentence, or both."""
    content = phrased(rng.choice(phrasing.of(dimension.name, value)), rng)
    if value not in phrasing.open:
        return content
    opening = phrased(rng.choice(phrasing.open[value]), rng)
    if rng.random() < manners.short:
        return opening
    return content if rng.random() < manners.bare else f"{opening} {content}"


def _another(dimension: Dimension, value: str, rng: random.Random) -> str:
    return rng.choice([v for v in dimension.values if v != value])
