"""Replies written in seven attributes, and people who like two of them: what ten questions are learned and measured on."""

import itertools
import json
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ATTRIBUTES = ("length", "formality", "humour", "elicitation", "politeness", "enthusiasm", "confidence")
"""Of the attributes data of arXiv 2503.06358; each goes two ways, +1 and −1."""
FIRMNESS = 3.0
"""P(first is liked better) = σ(FIRMNESS · difference of liking): of two replies one trait apart, 19 in 20 answers agree."""
BEFORE = frozenset({"formality", "politeness", "enthusiasm", "confidence"})
"""Attributes whose words stand before the matter; the others come after it."""
Way = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Words:
    """`topics`: the message, its short answer, and what more could be said; `marks[attribute][0]` for +1, `[1]` for −1."""

    topics: tuple[tuple[str, str, str], ...]
    marks: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Reply:
    topic: int
    text: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Taster:
    likes: tuple[Way, ...]

    def liking(self, reply: Reply) -> float:
        own = dict(self.likes)
        return float(sum(own.get(attribute, 0) * way for attribute, way in reply.ways))

    def prefers(self, first: Reply, second: Reply, rng: random.Random) -> bool:
        chance = 1 / (1 + math.exp(-FIRMNESS * (self.liking(first) - self.liking(second))))
        return rng.random() < chance


def tasters() -> tuple[Taster, ...]:
    """All 84 people of two traits."""
    pairs = itertools.combinations(ATTRIBUTES, 2)
    return tuple(Taster(((a, i), (b, j))) for a, b in pairs for i in (1, -1) for j in (1, -1))


def replies(words: Words, number: int, rng: random.Random) -> list[Reply]:
    """Each in two or three attributes, on topics in turn."""
    return [written(words, i % len(words.topics), rng) for i in range(number)]


def written_so(words: Words, topic: int, attribute: str, way: int, rng: random.Random) -> str:
    """A reply that goes one way in one attribute."""
    return _written(words, topic, ((attribute, way),), rng).text


def written(words: Words, topic: int, rng: random.Random) -> Reply:
    chosen = rng.sample(ATTRIBUTES, rng.choice((2, 3)))
    return _written(words, topic, tuple((a, rng.choice((1, -1))) for a in sorted(chosen)), rng)


def _written(words: Words, topic: int, ways: tuple[Way, ...], rng: random.Random) -> Reply:
    marks = {a: rng.choice(words.marks[a][0 if way > 0 else 1]) for a, way in ways if a != "length"}
    _, short, more = words.topics[topic]
    length = dict(ways).get("length", 0)
    # Of no way in length: the short answer and the first of what more there is.
    further = {1: more, 0: more.split(". ")[0].rstrip(".") + ".", -1: ""}[length]
    parts = [*(m for a, m in marks.items() if a in BEFORE), short, further]
    parts += [m for a, m in marks.items() if a not in BEFORE]
    return Reply(topic, " ".join(p for p in parts if p), ways)


def pairs(written_replies: Sequence[Reply], number: int, rng: random.Random) -> list[tuple[Reply, Reply]]:
    """Two replies to the same message."""
    by_topic: dict[int, list[Reply]] = {}
    for reply in written_replies:
        by_topic.setdefault(reply.topic, []).append(reply)
    topics = [t for t, some in by_topic.items() if len(some) > 1]
    found = []
    for _ in range(number):
        first, second = rng.sample(by_topic[rng.choice(topics)], 2)
        found.append((first, second))
    return found


def words_in(path: Path) -> Words:
    """Raises KeyError or TypeError where the file lacks something."""
    document = json.loads(path.read_text(encoding="utf-8"))
    topics = tuple((t["asked"], t["short"], t["more"]) for t in document["topics"])
    marks = {
        a: (tuple(document["marks"][a]["+"]), tuple(document["marks"][a]["-"])) for a in ATTRIBUTES if a != "length"
    }
    return Words(topics, marks)


def words_for_training() -> Words:
    return words_in(Path(__file__).parent / "phrasings" / "replies.json")
