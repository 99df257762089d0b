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

FILE = Path(__file__).parent / "factors.npz"
READS = "tiny"
"""What φ is a map of: hidden states of the embedded model."""
RIDGE = 0.5
"""Precision of λ's prior: φ is scaled so that λ is of about one."""


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
    """`phi` [feature, k]. `axes[attribute]` [k]: how far φ moves from one way of the attribute to the other."""

    phi: Array
    replies: tuple[Offered, ...]
    axes: dict[str, Array]

    @property
    def size(self) -> int:
        return int(self.phi.shape[1])

    def difference(self, pair: tuple[int, int]) -> tuple[float, ...]:
        first, second = (np.array(self.replies[i].factors) for i in pair)
        return tuple((first - second).tolist())


def next_pair(bank: Bank, answers: Sequence[Answer], asked: Collection[frozenset[int]]) -> tuple[int, int] | None:
    """Two replies to the same message, by their numbers: those whose answer tells most; None where all were asked about."""
    left = [
        pair
        for pair in itertools.combinations(range(len(bank.replies)), 2)
        if bank.replies[pair[0]].message == bank.replies[pair[1]].message and frozenset(pair) not in asked
    ]
    if not left:
        return None
    weights = taste(answers, bank.size, RIDGE).weights
    return left[next_question(np.array([bank.difference(p) for p in left]), answers, weights)]


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
        phi=bank.phi.astype(np.float32),
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
            phi = arrays["phi"].astype(np.float64)
            texts = json.loads(arrays["texts"].tobytes())
            factors, axes = arrays["factors"].tolist(), arrays["axes"].astype(np.float64)
            attributes = json.loads(arrays["attributes"].tobytes())
            replies = tuple(Offered(m, t, tuple(f)) for (m, t), f in zip(texts, factors, strict=True))
            bank = Bank(phi, replies, dict(zip(attributes, axes, strict=True)))
    except (KeyError, ValueError, TypeError, OSError, EOFError) as error:
        raise FactorsError(f"not a file of factors: {error!r}") from error
    if any(len(r.factors) != bank.size for r in bank.replies) or axes.shape[1:] != (bank.size,):
        raise FactorsError(f"the parts do not fit each other: {phi.shape!r}, {axes.shape!r}")
    return bank


@cache
def bank_for() -> Bank:
    """The one that comes with Aside."""
    return parse(FILE.read_bytes())
