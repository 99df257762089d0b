"""Values that tests of personalization share."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import strategies as st

from personalization.belief import Chances
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
