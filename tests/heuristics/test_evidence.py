import pytest
from hypothesis import given
from hypothesis import strategies as st

from heuristics.evidence import Distribution, Evidence, Rating
from tests.heuristics.build import FIVES, FLAT, ONES


@pytest.mark.parametrize(("distribution", "expected"), [(ONES, 1.0), (FLAT, 3.0), (FIVES, 5.0)])
def test_the_expected_rating_is_the_mean_over_one_to_five(distribution: Distribution, expected: float) -> None:
    assert Rating(distribution, 0.5, 3.0).expected == pytest.approx(expected)


@given(st.tuples(*[st.floats(0.01, 1)] * 5))
def test_it_lies_between_one_and_five(weights: tuple[float, ...]) -> None:
    a, b, c, d, e = (w / sum(weights) for w in weights)
    assert 1 <= Rating((a, b, c, d, e), 1.0, 3.0).expected <= 5 + 1e-9


def test_evidence_that_nobody_gave_is_absent_not_zero() -> None:
    assert (dict(Evidence().ratings), Evidence().gain, Evidence().likeness) == ({}, None, None)
