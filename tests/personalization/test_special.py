"""What nobody is asked about."""

import pytest

from personalization.space import Dimension, space_for
from personalization.special import askable, special


@pytest.mark.parametrize(
    "text",
    ["Are you ill?", "Do you go to church?", "Whom did you vote for?", "Are you in a trade union?", "Are you gay?",
    "ethnic_origin",
     "your DNA", "Do you have a disability?", "sexual orientation", "Do you take any medication?", "Are you a Muslim?"],
)  # fmt: skip
def test_special_categories_are_caught(text: str) -> None:
    assert special(text)


def test_everyday_things_are_not() -> None:
    assert not any(
        special(t) for t in ("Do you like tea?", "Shall I keep it casual?", "How well do you know this subject?")
    )


def test_every_question_of_the_service_may_be_asked_and_health_of_the_paper_s_task_may_not() -> None:
    assert all(askable(d) for d in space_for("preferences").dimensions)
    assert not askable(space_for("exercise").dimension("injured"))


def test_a_dimension_without_a_question_is_not_asked() -> None:
    assert not askable(Dimension("tea", ("yes", "no"), (0.5, 0.5)))
