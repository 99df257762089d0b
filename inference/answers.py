"""Which option a server's answer means: from the likeliest tokens at each place of it, or from its words alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from inference.protocol import Method

_WRITTEN = 0.9
"""What an option gets that was only written: how sure the model was is not known, so not all of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`shares`: the probability of each option, summing to 1; `mass`: what they had together before, 0–1."""

    shares: tuple[float, ...]
    mass: float
    method: Method


@dataclass(frozen=True, slots=True)
class Place:
    """One generated token and, with natural log-probabilities, the likeliest tokens in its place."""

    token: str
    likeliest: tuple[tuple[str, float], ...]


def are_weighed(places: Sequence[Place]) -> bool:
    """Whether other tokens than the generated ones are known: without them there is no distribution."""
    return any(len(place.likeliest) > 1 for place in places)


def read_answer(text: str, places: Sequence[Place], options: Sequence[str]) -> Answer:
    """What the one answer `text` means; `places`: its tokens, empty where a server gives none."""
    weighed = are_weighed(places)
    if weighed and (read := from_tokens(places, options)) is not None:
        return Answer(*read, "logprobs")
    shares, mass = from_text(text, options)
    # Neither likely nor written anywhere: that was seen in the log-probabilities too.
    return Answer(shares, mass, "logprobs" if weighed and not mass else "written")


def from_tokens(places: Sequence[Place], options: Sequence[str]) -> tuple[tuple[float, ...], float] | None:
    """Probability of each option, normalised, and the mass they had together; None where no option shows.

    A token counts for the options that the answer so far and it begin. When it could begin several and was the one generated,
    the next place tells them apart; when it was not generated, they share it.
    """
    weights = [0.0] * len(options)
    written, reached = "", 1.0
    for place in places:
        onward: list[int] = []
        for token, logprob in place.likeliest:
            fitting = _fitting(written + token, options)
            if token == place.token and (len(fitting) > 1 or not (written + token).strip()):
                onward = fitting or list(range(len(options)))
                continue
            for i in fitting:
                weights[i] += reached * math.exp(logprob) / len(fitting)
        chosen = dict(place.likeliest).get(place.token)
        if not onward or chosen is None:
            break
        written += place.token
        reached *= math.exp(chosen)
    else:
        # The answer ended where several options were still possible: it was the one that is spelled exactly so, if any.
        whole = [i for i, option in enumerate(options) if _same(option, written)]
        for i in whole:
            weights[i] += reached
    mass = sum(weights)
    return (tuple(w / mass for w in weights), min(1.0, mass)) if mass > 0 else None


def from_text(text: str, options: Sequence[str]) -> tuple[tuple[float, ...], float]:
    """Most of the probability on the option that `text` names first, the longest where several start there; all alike, with no
    mass, where it names none."""
    found = [
        (place, -len(o), i)
        for i, o in enumerate(options)
        if (place := _find(text.casefold(), o.strip().casefold())) >= 0
    ]
    if not found:
        return tuple(1.0 / len(options) for _ in options), 0.0
    if len(options) == 1:
        return (1.0,), 1.0
    named = min(found)[2]
    rest = (1.0 - _WRITTEN) / (len(options) - 1)
    return tuple(_WRITTEN if i == named else rest for i in range(len(options))), 1.0


def _fitting(text: str, options: Sequence[str]) -> list[int]:
    """The options that `text` begins; when it goes beyond one ("4." for "4"), that one."""
    start = text.strip().casefold()
    if not start:
        return []
    plain = [option.strip().casefold() for option in options]
    begun = [i for i, option in enumerate(plain) if option.startswith(start)]
    return begun or [i for i, option in enumerate(plain) if _find(start, option) == 0]


def _find(text: str, word: str) -> int:
    """Where `word` stands in `text` with no letter or digit right before or after it; -1 for nowhere."""
    at = text.find(word)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
        if not before.isalnum() and not after.isalnum():
            return at
        at = text.find(word, at + 1)
    return -1


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
