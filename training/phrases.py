"""What a listener learns: phrases, each in several ways and sentence by sentence, as numbers and labels."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conversation.chats import read_chat
from inference.stored_embedder import StoredEmbedder
from personalization.features import BUCKETS, FORM, Floats, features
from personalization.listener import OPENS, behind, sentences
from personalization.phrasing import Phrasing, phrased
from personalization.space import Dimension, Space

Ints = NDArray[np.int64]

WAYS = 6
"""Tries to put one phrase in another way."""
ASIDE = 0.25
"""Part of the phrases that are also learned behind a question that they do not answer."""
BESIDES = 0.4
"""Part of the phrases that are also learned as something brought up beside an answer."""
LINES = 6_000
"""Of real chats."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """`tells`: the value by dimension; `opens`: the answer that it opens with; `back`: it takes back what was said before.
    `question`: what it is read behind, None where it is read alone."""

    text: str
    tells: dict[str, str]
    opens: str | None = None
    back: bool = False
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Examples:
    """`inputs` [sentence, input]; `labels` [sentence, dimension + 1]: 0 where it does not speak of it, else 1 + the value; last
    how it opens: 0, or 1 + which of OPENS; `back` [sentence]: 0 or 1; `asked` [sentence]: the dimension whose question it is read
    behind, by number, or −1."""

    inputs: Floats
    labels: Ints
    back: Floats
    asked: Ints


def told_dimensions(space: Space, phrasing: Phrasing) -> tuple[Dimension, ...]:
    """Those that there are words of their own for; the others are asked about and tell nothing of these."""
    return tuple(d for d in space.dimensions if d.name in phrasing.said)


def chat_lines(paths: Sequence[Path]) -> list[str]:
    lines = [m.text for path in sorted(paths)[:6] for m in read_chat(path).messages if 3 <= len(m.text) <= 200]
    return random.Random(0).sample(lines, min(LINES, len(lines)))


def ways(phrase: str, number: int = WAYS) -> list[str]:
    """Different ways to put it; the same each time, so that no part of the training embeds new ones."""
    rng = random.Random(phrase)
    drawn = [phrased(phrase, rng) for _ in range(number if "(" in phrase else 1)]
    return list(dict.fromkeys(drawn))


def labelled(told: Sequence[Dimension], phrasing: Phrasing, lines: Sequence[str], number: int = WAYS) -> list[Labelled]:
    """Every phrase in several ways, each sentence of it. Real lines are among what tells nothing."""
    found: list[Labelled] = []
    for d in told:
        for value, phrases in phrasing.said[d.name].items():
            for text in (w for p in phrases for w in ways(p, number)):
                prefix = random.Random(text).choice((*phrasing.also[:1], *[""] * 6))
                also = f"{prefix} {text[:1].lower()}{text[1:]}" if prefix else text
                found += [Labelled(s, {d.name: value}) for s in sentences(also)]
    for opens, phrases in phrasing.open.items():
        found += [Labelled(s, {}, opens) for p in phrases for w in ways(p, number) for s in sentences(w)] * 2
    names = {t.name for t in told}
    others = [p for d, values in phrasing.said.items() if d not in names for some in values.values() for p in some]
    nothing = [w for p in (*others, *phrasing.vague, *phrasing.off) for w in ways(p, number)]
    found += [Labelled(s, {}) for text in nothing for s in sentences(text)]
    found += [Labelled(s, {}) for text in lines for s in sentences(text)[:2]]
    found += [Labelled(w, {}, back=True) for p in phrasing.turn for w in ways(p, number)] * 4
    return found


def answered(told: Sequence[Dimension], phrasing: Phrasing, number: int) -> list[Labelled]:
    """The same behind questions: what says a value of what was asked "opens" with it, whatever its words; behind another
    question it does not. A phrase comes behind the same question each time."""
    found: list[Labelled] = []
    for d in told:
        others = [o for o in told if o is not d]
        for value, phrases in phrasing.said[d.name].items():
            for text in (w for p in phrases for w in ways(p, number)):
                own = {d.name: value}
                found += [Labelled(s, own, value, question=q) for q in put_to(d, text) for s in sentences(text)]
                if others and random.Random(f"{text}x").random() < ASIDE:
                    other = put_to(random.Random(text).choice(others), text)[-1]
                    found += [Labelled(s, own, question=other) for s in sentences(text)]
                if others and random.Random(f"{text}+").random() < BESIDES:
                    other = put_to(random.Random(f"{text}o").choice(others), text)[-1]
                    found += [Labelled(s, own, question=other) for s in sentences(besides(text, phrasing))]

    def asked(text: str) -> str:
        return put_to(random.Random(text).sample(told, 1)[0], text)[-1]

    for opens, phrases in phrasing.open.items():
        for text in (w for p in phrases for w in ways(p, number)):
            found += [Labelled(s, {}, opens, question=asked(text)) for s in sentences(text)]
    for text in (w for p in (*phrasing.vague, *phrasing.off) for w in ways(p, number)):
        found += [Labelled(s, {}, question=asked(text)) for s in sentences(text)]
    for text in (w for p in phrasing.turn for w in ways(p, number)):
        found += [Labelled(text, {}, back=True, question=asked(text))] * 4
    return found


def put_to(dimension: Dimension, text: str) -> tuple[str, ...]:
    """Two wordings of the question that `text` is learned behind, the schema's own and another; the same each time."""
    return (dimension.ask, random.Random(f"{text}?").choice((dimension.ask, *dimension.again)))


def besides(text: str, phrasing: Phrasing) -> str:
    """As `person.answer` brings something up that nobody asked about."""
    return f"{random.Random(text).choice(phrasing.also)} {text[:1].lower()}{text[1:]}"


def examples(some: Sequence[Labelled], told: Sequence[Dimension], embedder: StoredEmbedder) -> Examples:
    texts = [s.text for s in some]
    labels = [
        [
            *(1 + d.index(s.tells[d.name]) if d.name in s.tells else 0 for d in told),
            1 + OPENS.index(s.opens) if s.opens in OPENS else 0,
        ]
        for s in some
    ]
    read = [s.text if s.question is None else behind(s.question, s.text) for s in some]
    about = {q: i for i, d in enumerate(told) for q in (d.ask, *d.again)}
    asked = np.array([-1 if s.question is None else about[s.question] for s in some])
    back = np.array([s.back for s in some], dtype=np.float32)
    return Examples(features(texts, embedder.embed(read)), np.array(labels), back, asked)


def see(some: Examples, what: str) -> Examples:
    """With the embedding or the words blanked out, to measure what each is good for."""
    inputs = some.inputs.copy()
    width = inputs.shape[1] - BUCKETS - FORM
    if what == "words":
        inputs[:, :width] = 0
    if what == "embedding":
        inputs[:, width:] = 0
    return replace(some, inputs=inputs)


def joined(some: Sequence[Examples]) -> Examples:
    return Examples(
        np.concatenate([e.inputs for e in some]),
        np.concatenate([e.labels for e in some]),
        np.concatenate([e.back for e in some]),
        np.concatenate([e.asked for e in some]),
    )
