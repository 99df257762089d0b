"""Laws of tastes learned from choices."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.factors import BOUND, Answer, Taste, mixed, next_question, taste

numbers = st.floats(-1e6, 1e6)
pairs = st.lists(st.tuples(st.floats(-5, 5), numbers), min_size=1, max_size=8)
answers = st.lists(
    st.builds(Answer, st.tuples(st.floats(-2, 2), st.floats(-2, 2), st.floats(-2, 2)), st.booleans()), max_size=20
)


@given(pairs)
def test_no_profile_moves_a_choice_further_than_the_bound(candidates: list[tuple[float, float]]) -> None:
    pool, own = [p for p, _ in candidates], [o for _, o in candidates]
    moved = [after - before for after, before in zip(mixed(pool, own), pool, strict=True)]
    assert max(moved) - min(moved) <= BOUND + 1e-9
    for i, j in itertools.combinations(range(len(pool)), 2):
        if pool[i] > pool[j] + BOUND + 1e-9:
            assert mixed(pool, own)[i] > mixed(pool, own)[j] - 1e-9


@given(pairs)
def test_who_has_no_taste_chooses_as_everybody(candidates: list[tuple[float, float]]) -> None:
    pool = [p for p, _ in candidates]
    assert mixed(pool, [0.0] * len(pool)) == pytest.approx(pool)


def test_between_equals_the_person_decides() -> None:
    scores = mixed((1.0, 1.0), (0.2, 0.4))
    assert scores[1] > scores[0]
    assert mixed((), ()) == ()
    with pytest.raises(ValueError, match="zip"):
        mixed((1.0,), (1.0, 2.0))


@given(answers)
def test_a_taste_is_where_the_posterior_is_flat_and_its_spread_shrinks(given_answers: list[Answer]) -> None:
    found = taste(given_answers, 3, ridge=0.1)
    slope = -0.1 * found.weights
    for a in given_answers:
        v = np.array(a.difference) * (1 if a.first else -1)
        slope = slope + v / (1 + np.exp(v @ found.weights))
    assert np.abs(slope).max() < 1e-4
    for direction in np.eye(3):
        assert found.spread(direction.tolist()) <= taste([], 3, ridge=0.1).spread(direction.tolist()) + 1e-9


def test_answers_turn_the_weights_their_way() -> None:
    found = taste([Answer((1.0, 0.0), True)] * 5 + [Answer((0.0, 1.0), False)] * 2, 2)
    assert found.weights[0] > found.weights[1]
    assert found.weights[0] > 0 > found.weights[1]
    assert found.spread((1.0, 0.0)) < found.spread((0.0, 1.0))


def test_the_next_question_is_about_what_is_not_known_yet() -> None:
    candidates = np.array([[1.0, 0.0], [0.0, 1.0], [0.1, 0.1]])
    asked = [Answer((1.0, 0.0), True)] * 3
    assert next_question(candidates, taste(asked, 2, 1.0)) == 1
    # A difference that is sure to be liked tells little, however long it is.
    sure = Taste(np.array([2.0, 0.0]), np.eye(2))
    assert next_question(np.array([[9.0, 0.0], [0.0, 1.0]]), sure) == 1
