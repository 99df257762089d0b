"""How simulated people put things: sentences with (one|another) way in them, by what they say."""

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_CHOICE = re.compile(r"\(([^()]*)\)")
OTHER = "other"
"""The key under `said` for what a space knows no better words for."""
Words = tuple[str, ...]


class PhrasingError(ValueError):
    """A file of phrasings lacks a field, or holds one of the wrong type."""


@dataclass(frozen=True, slots=True)
class Phrasing:
    """`open[value]`: how an answer opens, where values can be said in a word, like yes and no; `vague`, `off` the point and
    `turn` (taking back what was just said); `also`: before something nobody asked; `said[dimension][value]`."""

    open: Mapping[str, Words]
    vague: Words
    off: Words
    turn: Words
    also: Words
    said: Mapping[str, Mapping[str, Words]]

    def of(self, dimension: str, value: str) -> Words:
        """Raises KeyError where neither the dimension nor OTHER has words for that value."""
        return self.said.get(dimension, self.said.get(OTHER, {}))[value]

    def split(self, part: int, parts: int) -> tuple["Phrasing", "Phrasing"]:
        """Without and with each `parts`-th sentence from `part` on: the same things said in words that the first never uses. Both
        have all of `also`, which says nothing."""

        def rest(some: Words) -> Words:
            return tuple(s for i, s in enumerate(some) if i % parts != part)

        def held(some: Words) -> Words:
            return tuple(s for i, s in enumerate(some) if i % parts == part) or some

        return tuple(  # type: ignore[return-value]
            Phrasing(
                {v: keep(s) for v, s in self.open.items()},
                keep(self.vague),
                keep(self.off),
                keep(self.turn),
                self.also,
                {d: {v: keep(s) for v, s in values.items()} for d, values in self.said.items()},
            )
            for keep in (rest, held)
        )


def phrased(sentence: str, rng: random.Random) -> str:
    """One of the ways: each (one|another) becomes one of its parts."""
    while match := _CHOICE.search(sentence):
        chosen = rng.choice(match[1].split("|"))
        sentence = sentence[: match.start()] + chosen + sentence[match.end() :]
    return re.sub(" {2,}", " ", sentence).replace(" .", ".").strip()


def parse(text: str) -> Phrasing:
    """Raises PhrasingError, naming what is wrong."""
    try:
        document = json.loads(text)
        return Phrasing(
            {v: _words(s) for v, s in document["open"].items()},
            _words(document["vague"]),
            _words(document["off"]),
            _words(document["turn"]),
            _words(document["also"]),
            {d: {v: _words(s) for v, s in values.items()} for d, values in document["said"].items()},
        )
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise PhrasingError(f"not a phrasing: {error!r}") from error


def _words(some: object) -> Words:
    if not isinstance(some, list) or not some or not all(isinstance(s, str) and s for s in some):
        raise TypeError(f"not a list of sentences: {some!r}")
    return tuple(some)


def phrasing_in(folder: Path, name: str) -> Phrasing:
    return parse((folder / f"{name}.json").read_text(encoding="utf-8"))


def phrasing_for(name: str) -> Phrasing:
    """The one that listeners are fitted on. What is measured is phrased in words of their own (`evals/phrasings`)."""
    return phrasing_in(Path(__file__).parent / "phrasings", name)


def unheard_for(name: str) -> Phrasing:
    """Words that no listener is fitted on: what policies are trained with, and what may be looked at while tuning."""
    return phrasing_in(Path(__file__).parent / "phrasings" / "unheard", name)
