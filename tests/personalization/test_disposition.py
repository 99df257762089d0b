"""What beliefs do to how somebody is spoken to."""

from hypothesis import given
from hypothesis import strategies as st

from personalization.belief import Belief
from personalization.disposition import WISH, Disposition, disposed, wish
from personalization.space import Dimension, Space, space_for

SPACE = space_for("preferences")


def test_nothing_is_known_of_a_stranger() -> None:
    assert disposed("u", SPACE, {}) == Disposition("u")
    population = {d.name: Belief(d.name, d.prior) for d in SPACE.dimensions}
    assert disposed("u", SPACE, population) == Disposition("u")


def test_beliefs_shape_the_form() -> None:
    found = disposed(
        "u",
        SPACE,
        {"length": Belief("length", (0.9, 0.05, 0.05), ("m",)), "emoji": Belief("emoji", (0.3, 0.7), ("m",))},
    )
    assert found.form == "in very few words, without emoji"


def test_a_deployments_own_dimension_shapes_it_as_its_schema_says() -> None:
    goal = Dimension("goal", ("strength", "calm"), (0.5, 0.5), forms=("with lifting in mind", ""))
    own = SPACE.with_own(Space("coach", (goal,)))
    assert disposed("u", own, {"goal": Belief("goal", (0.9, 0.1), ("m",))}).form == "with lifting in mind"
    assert disposed("u", own, {"goal": Belief("goal", (0.1, 0.9), ("m",))}).form == ""


def test_what_is_hardly_believed_does_not() -> None:
    assert disposed("u", SPACE, {"humour": Belief("humour", (0.55, 0.45), ("m",))}).form == ""


def test_who_wants_it_rarely_raises_the_bar_and_who_wants_it_often_lowers_it() -> None:
    assert wish(SPACE, {"chiming_in": Belief("chiming_in", (0.02, 0.08, 0.9), ("m",))}) > 0.15
    assert wish(SPACE, {"chiming_in": Belief("chiming_in", (0.9, 0.08, 0.02), ("m",))}) < -0.15
    assert wish(SPACE, {"chiming_in": Belief("chiming_in", (0.02, 0.08, 0.9))}) == 0
    assert wish(Space("none", ()), {"chiming_in": Belief("chiming_in", (0.02, 0.08, 0.9), ("m",))}) == 0


@given(st.lists(st.floats(0.001, 1), min_size=3, max_size=3))
def test_no_profile_moves_the_bar_beyond_its_bound(weights: list[float]) -> None:
    total = sum(weights)
    chances = tuple(w / total for w in weights)
    assert abs(wish(SPACE, {"chiming_in": Belief("chiming_in", chances, ("m",))})) <= WISH
