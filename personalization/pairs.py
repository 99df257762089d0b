"""The pairs of replies that people are asked about, and what their answers say: the ten questions, ready to be put."""

import io
import itertools
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from personalization.factors import Answer, Array, Taste, next_question, taste
from personalization.phi import Phi

FILE = Path(__file__).parent / "factors.npz"
READS = "embedder"
"""What φ reads: the sentence embedder, which the service has at hand whatever model it talks with."""
RIDGE = 1.0
"""Precision of λ's prior: φ is scaled so that λ is of about one in every direction."""


class FactorsError(ValueError):
    """The file of φ lacks a part, or its parts do not fit each other."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A reply to `message`; `factors` [k], its φ up to what replies to one message share."""

    message: str
    text: str
    factors: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Bank:
    """`axes[attribute]` [k]: how far φ moves from one way of the attribute to the other."""

    phi: Phi
    replies: tuple[Offered, ...]
    axes: dict[str, Array]

    @property
    def size(self) -> int:
        return self.phi.size

    @property
    def usual(self) -> tuple[float, ...]:
        """φ of a reply as they are usually: the mean of those that are offered."""
        return tuple(np.mean([r.factors for r in self.replies], axis=0).tolist())

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """All of two replies to one message."""
        by_message: dict[str, list[int]] = {}
        for i, reply in enumerate(self.replies):
            by_message.setdefault(reply.message, []).append(i)
        return [pair for some in by_message.values() for pair in itertools.combinations(some, 2)]

    def pair(self, texts: object) -> tuple[int, int] | None:
        """Two replies by their texts; None where one is not offered any more."""
        at = {r.text: i for i, r in enumerate(self.replies)}
        found = [at[t] for t in texts if t in at] if isinstance(texts, list) else []
        return (found[0], found[1]) if len(found) == 2 else None

    def difference(self, pair: tuple[int, int]) -> tuple[float, ...]:
        first, second = (np.array(self.replies[i].factors) for i in pair)
        return tuple((first - second).tolist())


def next_pair(bank: Bank, answers: Sequence[Answer], asked: Collection[frozenset[int]]) -> tuple[int, int] | None:
    """Two replies to the same message, by their numbers: those whose answer tells most; None where all were asked about."""
    pairs = [pair for pair in bank.pairs if frozenset(pair) not in asked]
    if not pairs:
        return None
    factors = np.array([r.factors for r in bank.replies])
    first, second = np.array(pairs).T
    return pairs[next_question(factors[first] - factors[second], taste(answers, bank.size, RIDGE))]


def likings(bank: Bank, answers: Sequence[Answer]) -> dict[str, tuple[float, float]]:
    """By attribute: mean and standard deviation of λᵀ·axis, the log-odds of liking a reply better for one way of it than for
    the other."""
    found: Taste = taste(answers, bank.size, RIDGE)
    return {
        attribute: (float(found.weights @ axis), found.spread(axis.tolist())) for attribute, axis in bank.axes.items()
    }


def write(bank: Bank) -> bytes:
    file = io.BytesIO()
    texts = json.dumps([[r.message, r.text] for r in bank.replies]).encode()
    np.savez_compressed(
        file,
        first=bank.phi.first.astype(np.float16),
        bias=bank.phi.bias,
        second=bank.phi.second,
        whole=bank.phi.whole,
        texts=np.frombuffer(texts, dtype=np.uint8),
        factors=np.array([r.factors for r in bank.replies], dtype=np.float32),
        attributes=np.frombuffer(json.dumps(list(bank.axes)).encode(), dtype=np.uint8),
        axes=np.stack(list(bank.axes.values())).astype(np.float32),
    )
    return file.getvalue()


def parse(data: bytes) -> Bank:
    """Raises FactorsError, naming what is wrong."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            phi = Phi(*(arrays[name].astype(np.float32) for name in ("first", "bias", "second", "whole")))
            texts = json.loads(arrays["texts"].tobytes())
            factors, axes = arrays["factors"].tolist(), arrays["axes"].astype(np.float64)
            attributes = json.loads(arrays["attributes"].tobytes())
            replies = tuple(Offered(m, t, tuple(f)) for (m, t), f in zip(texts, factors, strict=True))
            bank = Bank(phi, replies, dict(zip(attributes, axes, strict=True)))
    except (KeyError, ValueError, TypeError, OSError, EOFError) as error:
        raise FactorsError(f"not a file of factors: {error!r}") from error
    if any(len(r.factors) != bank.size for r in bank.replies) or axes.shape[1:] != (bank.size,):
        raise FactorsError(f"the parts do not fit each other: {phi.second.shape!r}, {axes.shape!r}")
    return bank


@cache
def bank_for() -> Bank:
    """The one that comes with Aside."""
    return parse(FILE.read_bytes())
