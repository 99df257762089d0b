"""What an answer is like."""

import numpy as np
import pytest

from personalization.features import Floats
from personalization.kin import likeness


def _row(*entries: float) -> Floats:
    row = np.array(entries, dtype=np.float32)
    return row / np.float32(np.linalg.norm(row))


STRONG, CALM = np.stack([_row(1, 0, 0, 0), _row(1, 0.3, 0, 0)]), np.stack([_row(0, 1, 0, 0)])


def test_an_answer_tells_the_value_whose_examples_it_is_like() -> None:
    strong, calm = likeness(np.stack([_row(1, 0.1, 0, 0.2)]), [STRONG, CALM])
    assert strong == 1.0
    assert calm < 0.1


def test_what_is_like_none_of_them_tells_next_to_nothing() -> None:
    found = likeness(np.stack([_row(0.05, 0, 1, 0)]), [STRONG, CALM])
    assert min(found) > 0.9


def test_sentences_add_up_and_none_tell_nothing() -> None:
    one = likeness(np.stack([_row(0.6, 0.4, 0.7, 0)]), [STRONG, CALM])
    two = likeness(np.stack([_row(0.6, 0.4, 0.7, 0)] * 2), [STRONG, CALM])
    assert two[1] == pytest.approx(one[1] ** 2, rel=1e-3)
    assert likeness(np.zeros((0, 4), np.float32), [STRONG, CALM]) == (1.0, 1.0)
