from typing import get_args

from app.protocol import DecisionView
from conversation.decision import Act, Bound, Branch, Decision


def test_no_bound_bites_unless_one_is_named() -> None:
    assert Decision("silent", None, "none", None, "").bound is None


def test_silence_is_a_value_without_a_thought() -> None:
    quiet = Decision("silent", None, "none", None, "No new thought came up.")
    assert quiet.thought is None
    assert quiet != Decision("hold", "t1", "open", 3.59, "")


def test_the_wire_knows_the_same_acts_and_branches() -> None:
    fields = DecisionView.model_fields
    assert get_args(fields["act"].annotation) == get_args(Act)
    assert get_args(fields["branch"].annotation) == get_args(Branch)


def test_each_bound_is_one_word_that_a_reason_can_show() -> None:
    assert all(bound.replace("_", "").isalpha() for bound in get_args(Bound))
