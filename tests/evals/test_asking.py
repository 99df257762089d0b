"""What is made of the questions that a replay brought."""

from evals.asking import Asked, figures


def test_questions_are_counted_over_all_rooms_and_their_distance_within_one() -> None:
    asked = Asked(
        messages=120, at={"a": [31, 70], "b": [40]}, declined={"ann"}, to_declined=0, took=[0.001, 0.003, 0.002]
    )
    found = figures(asked)
    assert (found["questions"], found["per_30"], found["least_apart"]) == (3, 0.75, 39)
    assert (found["declined"], found["to_declined"], found["ms"]) == (1, 0, 2.0)


def test_nothing_asked_is_no_error() -> None:
    assert figures(Asked())["least_apart"] is None
