"""Values that tests of personalization share."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from hypothesis import strategies as st

from personalization.belief import Chances
from personalization.features import BUCKETS, FORM
from personalization.phi import WHOLE, Phi
from personalization.space import Dimension

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LENGTH = Dimension("length", ("short", "medium", "long"), (0.5, 0.3, 0.2), 0.02, "Short or long?")
EMOJI = Dimension("emoji", ("welcome", "unwanted"), (0.5, 0.5))


def normal(weights: Sequence[float]) -> Chances:
    return tuple(w / sum(weights) for w in weights)


def chances(size: int) -> st.SearchStrategy[Chances]:
    return st.lists(st.floats(0.01, 1.0), min_size=size, max_size=size).map(normal)


def likelihoods(size: int) -> st.SearchStrategy[tuple[float, ...]]:
    return st.lists(st.floats(1e-9, 1.0), min_size=size, max_size=size).map(tuple)


def phi_of(size: int, dim: int = 3, hidden: int = 4) -> Phi:
    """A φ of random numbers for an embedder of `dim`."""
    rng = np.random.default_rng(0)
    shapes = ((dim + BUCKETS + FORM, hidden), (hidden,), (hidden, size), (WHOLE, size))
    return Phi(*(rng.normal(size=shape).astype(np.float32) for shape in shapes))
