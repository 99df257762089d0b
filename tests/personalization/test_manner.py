"""How somebody answers."""

import pytest

from personalization.manner import UNKNOWN, heard_as, messier, surer


def test_an_answer_is_heard_clearly_faintly_or_not_at_all() -> None:
    assert [heard_as(r) for r in ((1.0, 0.02), (0.2, 1.0), (1.0, 0.9))] == [2, 1, 0]


def test_who_says_nothing_of_it_answers_messily_and_who_is_clear_more_likely_does_not() -> None:
    vague = messier(UNKNOWN, (1.0, 1.0))
    assert vague > 0.8
    assert messier(UNKNOWN, (1.0, 0.01)) < UNKNOWN < messier(UNKNOWN, (1.0, 0.2)) < vague
    assert messier(vague, (1.0, 0.01)) < vague


def test_of_who_answers_plainly_one_is_surer() -> None:
    prior = (0.28, 0.72)
    assert surer(prior, prior) == pytest.approx(prior)
    for chances in ((0.9, 0.1), (0.05, 0.95)):
        found = surer(chances, prior)
        assert sum(found) == pytest.approx(1)
        assert abs(found[0] - 0.5) > abs(chances[0] - 0.5)
    assert surer((0.9999, 0.0001), prior)[0] < 0.9951
