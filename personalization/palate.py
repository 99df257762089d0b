"""Choosing among drafts of a reply: everybody else's taste, moved by one person's own by no more than a bound. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from personalization.factors import Answer, Array, mixed

KNOWN = 5
"""Answers of a person from which on their own taste counts."""
HELD_BACK = 10
"""Everybody's taste is the mean of people's, with so many beside them who have none: few people make no everybody."""
THUMB = 0.5
"""What a 👍 or 👎 counts beside an answer: it may as well be about what was said as about how."""


@dataclass(frozen=True, slots=True)
class Palate:
    """`own` [k]: λ of one person; `pool` [k]: everybody else's, or their own would move drafts by more than the bound."""

    own: tuple[float, ...]
    pool: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """By draft: what the `pool` and the person's `own` taste say of it, log-odds against the mean of the drafts, and `mixed`, by
    which the place `taken` was."""

    taken: int
    pool: tuple[float, ...]
    own: tuple[float, ...]
    mixed: tuple[float, ...]


def choose(palate: Palate, drafts: Array) -> Choice:
    """Of `drafts` [draft, k], φ of each, at least one: the first of equals."""
    apart = drafts - drafts.mean(axis=0)
    pool, own = (tuple((apart @ np.array(weights)).tolist()) for weights in (palate.pool, palate.own))
    scores = mixed(pool, own)
    return Choice(int(np.argmax(scores)), pool, own, scores)


def pooled(people: Sequence[Array], size: int) -> tuple[float, ...]:
    """Everybody's λ from each one's. One person moves it by their own over `HELD_BACK` at most."""
    total: Array = np.sum([np.zeros(size), *people], axis=0) / (len(people) + HELD_BACK)
    return tuple(total.tolist())


def thumb(reply: Sequence[float], usual: Sequence[float], up: bool) -> Answer:
    """A 👍 (`up`) or 👎 as an answer: `reply` was liked better than one as they are usually, or worse. Both are φ."""
    difference = THUMB * (np.array(reply) - np.array(usual))
    return Answer(tuple(difference.tolist()), up)
