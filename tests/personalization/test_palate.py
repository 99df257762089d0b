"""Laws of choosing among drafts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.factors import BOUND, taste
from personalization.palate import HELD_BACK, THUMB, Palate, choose, pooled, thumb

rows = st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=1, max_size=5)
weights = st.tuples(st.floats(-50, 50), st.floats(-50, 50))


@given(rows, weights, weights)
def test_nobodys_taste_takes_a_draft_that_everybody_likes_less_by_more_than_the_bound(
    drafts: list[tuple[float, float]], own: tuple[float, float], pool: tuple[float, float]
) -> None:
    choice = choose(Palate(own, pool), np.array(drafts))
    assert max(choice.pool) - choice.pool[choice.taken] <= BOUND + 1e-6
    assert choice.mixed[choice.taken] == max(choice.mixed)
    alone = choose(Palate((0.0, 0.0), pool), np.array(drafts))
    assert alone.pool[alone.taken] == pytest.approx(max(alone.pool))


def test_where_everybody_is_even_the_person_decides() -> None:
    drafts = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert choose(Palate((1.0, 0.0), (0.0, 0.0)), drafts).taken == 1
    assert choose(Palate((0.0, 1.0), (0.0, 0.0)), drafts).taken == 0


def test_few_people_make_no_everybody() -> None:
    assert pooled([], 2) == (0.0, 0.0)
    one = pooled([np.array([3.0, 0.0])], 2)
    assert one == pytest.approx((3 / (1 + HELD_BACK), 0.0))
    assert pooled([np.array([1.0, -1.0])] * 500, 2) == pytest.approx((1.0, -1.0), abs=0.03)


def test_a_thumb_says_what_an_answer_says_and_weighs_less() -> None:
    up, down = (thumb((2.0, 0.0), (0.0, 0.0), way) for way in (True, False))
    assert up.difference == (2.0 * THUMB, 0.0)
    assert taste([up], 2).weights[0] > 0 > taste([down], 2).weights[0]
