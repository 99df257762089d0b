from typing import get_args

from app.protocol import ScoreView
from conversation.score import How, Raw


def test_raw_numbers_are_absent_until_somebody_gave_them() -> None:
    assert Raw() == Raw(judged=None, baseline=None, mass=None, measured=None)


def test_a_measured_zero_is_not_the_same_as_nothing_measured() -> None:
    assert Raw(measured=0.0) != Raw()


def test_the_wire_knows_the_same_ways_to_get_a_score() -> None:
    assert get_args(ScoreView.model_fields["how"].annotation) == get_args(How)
