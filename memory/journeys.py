"""Journeys: what a person keeps coming back to, over weeks, found in what they said (interest journeys, arXiv 2305.15498).

A fold over its sources, like a belief: what is erased leaves no trace in it, and a journey for a room is made only of what may be
known there."""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from conversation.words import content
from inference.prompt import Part, Prompt, one_line
from inference.protocol import LanguageModel, ModelError
from memory.saliency import Vector
from memory.sorting import RULES_ONLY

APART = 0.72
"""Mean cosine distance (MiniLM) up to which two groups of texts are one interest: chosen on 30 lines of chat about three
interests and none (docs/log.md)."""
LEAST = 3
"""Sources of a journey: what somebody said twice is no interest yet."""
MOST = 3
"""Journeys of a person at once: people pursue one to three."""
NEWEST = 300
"""Sources that are looked at: grouping takes time that grows with their square."""
CONTENT = 2
"""Words that tell something, of a source: "ok, see you tomorrow" is about nothing."""
DORMANT = timedelta(days=14)
"""Since an interest was last seen; after that, asking how it goes is news and no echo."""
NAME_TOKENS = 10
WORDS = (2, 6)
"""Of a name: one word is too broad, and a sentence fits one message only."""
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Source:
    """Something a person said, or an item that came of it. `embedding` has unit length."""

    id: str
    text: str
    at: datetime
    embedding: Vector


@dataclass(frozen=True, slots=True)
class Journey:
    """`sources`: ids, the newest first. `centre`: the direction of their mean. `id` is made of the first source, so that it stays
    as the journey grows."""

    id: str
    person: str
    name: str
    first_seen: datetime
    last_seen: datetime
    sources: tuple[str, ...]
    centre: Vector

    def dormant(self, now: datetime) -> bool:
        return now - self.last_seen >= DORMANT

    def remark(self, who: str, now: datetime) -> str:
        """As a memory that may come to mind: what, of whom, since when, and how long it has been quiet."""
        since = f"{who} has been into {self.name} since {self.first_seen:%-d %B}"
        return (
            f"{since}, and has not mentioned it for {(now - self.last_seen).days} days."
            if self.dormant(now)
            else f"{since}."
        )


def journeys(person: str, sources: Sequence[Source]) -> tuple[Journey, ...]:
    """At most MOST, those with most sources first; names are made by rule (`rule_name`). The same sources in any order give
    the same journeys. Raises ValueError where embeddings are of different length."""
    telling = sorted((s for s in sources if len(content(s.text)) >= CONTENT), key=lambda s: (s.at, s.id))[-NEWEST:]
    if len(telling) < LEAST:
        return ()
    if len({len(s.embedding) for s in telling}) > 1:
        raise ValueError(f"sources of {person!r} have embeddings of different length")
    groups: dict[int, list[Source]] = {}
    for source, group in zip(telling, _grouped(telling), strict=True):
        groups.setdefault(group, []).append(source)
    found = [_journey(person, group, telling) for group in groups.values() if len(group) >= LEAST]
    found.sort(key=lambda j: (-len(j.sources), -j.last_seen.timestamp(), j.id))
    return tuple(found[:MOST])


def _grouped(sources: Sequence[Source]) -> list[int]:
    # Two seconds of import and 60 MB that a service without journeys never needs.
    from sklearn.cluster import AgglomerativeClustering

    model = AgglomerativeClustering(None, metric="cosine", linkage="average", distance_threshold=APART)
    return [int(g) for g in model.fit_predict(np.array([s.embedding for s in sources]))]


def _journey(person: str, group: Sequence[Source], everything: Sequence[Source]) -> Journey:
    mean = np.mean([s.embedding for s in group], axis=0)
    centre = mean / max(1e-12, float(np.linalg.norm(mean)))
    return Journey(
        id=hashlib.blake2b(f"{person}/{group[0].id}".encode(), digest_size=8).hexdigest(),
        person=person,
        name=rule_name([s.text for s in group], [s.text for s in everything]),
        first_seen=group[0].at,
        last_seen=group[-1].at,
        sources=tuple(s.id for s in reversed(group)),
        centre=tuple(float(x) for x in centre),
    )


def rule_name(group: Sequence[str], everything: Sequence[str]) -> str:
    """Two words next to each other that come up together more than once; else the words of the group that tell it best from all
    else the person says (share of its texts · log of rarity)."""
    here = Counter(w for t in group for w in set(content(t)))
    all_over = Counter(w for t in everything for w in set(content(t)))

    def weight(word: str) -> float:
        return here[word] / len(group) * math.log(1 + len(everything) / all_over[word])

    pairs = Counter(pair for t in group for pair in set(zip(content(t), content(t)[1:], strict=False)))
    together = sorted((-n, -weight(a) - weight(b), f"{a} {b}") for (a, b), n in pairs.items() if n > 1)
    if together:
        return together[0][2]
    best = sorted(here, key=lambda w: (-weight(w), w))[:2]
    return " and ".join(best)


def naming(texts: Sequence[str]) -> Prompt:
    """Asks for a name that is specific and still fits all of `texts`."""
    shown = (part for text in texts[:SHOWN] for part in (Part("\n- "), Part(one_line(text), data=True)))
    return (
        Part("You give a person's lasting interests a name of two to five words, specific but true of all their messages, "
             'like "hydroponics in a small flat" or "training for a marathon".', "system"),
        Part("Messages:"),
        *shown,
        Part("\nWhat lasting interest do they share?"),
        Part("Interest:", "assistant"),
    )  # fmt: skip


def fitting(name: str, texts: Sequence[str]) -> str | None:
    """`name` tidied, or None where it is no name: too short or long, or without one word of what was said. A name that nothing
    said bears out would be an invention."""
    plain = one_line(name).strip(" \"'“”*.!:-").lower()
    plain = re.sub(r"^(?:an? (?:lasting )?interest in|the|an?)\s+", "", plain)
    words = plain.split()
    if not WORDS[0] <= len(words) <= WORDS[1]:
        return None
    said = {w[:4] for t in texts for w in content(t)}
    return plain if any(w[:4] in said for w in content(plain)) else None


async def named(journey: Journey, texts: Sequence[str], model: LanguageModel, seed: int) -> str:
    """By `model` where what it says fits, else by rule; `tiny` is not asked, what it says seldom fits."""
    if model.name in RULES_ONLY:
        return journey.name
    try:
        said = (await model.propose([naming(texts)], NAME_TOKENS, seed)).continuations[0].text
    except ModelError:
        return journey.name
    return fitting(said, texts) or journey.name
