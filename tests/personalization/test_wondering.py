"""What is worth asking, and whom nobody asks."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.belief import Belief
from personalization.space import Dimension, Space, space_for
from personalization.wondering import APART, KNOWN, Asking, cost, may_ask, wondered, worth

SPACE = space_for("preferences")
FREE = Asking(since=100)


def _believed(**chances: tuple[float, ...]) -> dict[str, Belief]:
    return {name: Belief(name, own, ("m1",)) for name, own in chances.items()}


def test_what_is_least_known_and_matters_is_asked_first() -> None:
    found = wondered(SPACE, {}, FREE)
    assert found is not None
    assert found.dimension in ("length", "chiming_in")
    asked = SPACE.dimension(found.dimension)
    assert found.text in (asked.ask, *asked.again)
    assert found.net == pytest.approx(found.value - cost(FREE))
    assert found.net > 0


def test_what_is_known_is_not_asked() -> None:
    sure = {
        d.name: Belief(d.name, (0.9, *[0.1 / (len(d.values) - 1)] * (len(d.values) - 1)), ("m",))
        for d in SPACE.dimensions
    }
    assert wondered(SPACE, {**sure, "questions": Belief("questions", (0.9, 0.1), ("m",))}, FREE) is None


@pytest.mark.parametrize(
    "asking",
    [replace(FREE, declined=True), replace(FREE, since=APART - 1), replace(FREE, asked=[d.name for d in SPACE.dimensions]),
     replace(FREE, lately=20)],
)  # fmt: skip
def test_who_declined_was_asked_lately_or_was_asked_all_is_left_alone(asking: Asking) -> None:
    assert wondered(SPACE, {}, asking) is None


def test_the_same_is_asked_again_once_and_in_other_words() -> None:
    others = [d.name for d in SPACE.dimensions if d.name != "emoji"]
    first, again, often = (
        wondered(SPACE, {}, replace(FREE, asked=others, before={"emoji": n}), "ann") for n in range(3)
    )
    assert first is not None
    assert again is not None
    assert first.dimension == again.dimension == "emoji"
    assert first.text != again.text
    assert often is None
    assert wondered(SPACE, {}, replace(FREE, asked=[*others, "emoji"], before={"emoji": 1})) is None


def test_who_minds_being_asked_is_left_alone() -> None:
    assert not may_ask(FREE, _believed(questions=(0.2, 0.8)), SPACE)
    assert may_ask(FREE, _believed(questions=(0.8, 0.2)), SPACE)


def test_who_left_the_last_question_unanswered_is_let_be() -> None:
    assert may_ask(FREE, {}, SPACE)
    assert not may_ask(replace(FREE, unanswered=True), {}, SPACE)


def test_before_others_nothing_private_is_asked_and_special_categories_never() -> None:
    secret = replace(SPACE.dimension("humour"), private=True)
    ill = replace(SPACE.dimension("formality"), ask="Are you ill?", again=())
    space = Space("preferences", (secret, ill))
    alone = wondered(space, {}, FREE)
    assert alone is not None
    assert alone.dimension == "humour"
    assert wondered(space, {}, replace(FREE, readers=1)) is None


def test_what_changes_no_reply_is_not_asked() -> None:
    goal = Dimension("goal", ("strength", "calm"), (0.5, 0.5), ask="What for?")
    assert wondered(Space("coach", (goal,)), {}, FREE) is None
    shaped = wondered(Space("coach", (replace(goal, forms=("for strength", ""), stake=1.0),)), {}, FREE)
    assert shaped is not None
    assert shaped.text == "What for?"
    assert all(d.stake > 0 for d in SPACE.dimensions)


@given(
    lately=st.integers(0, 5), cool=st.floats(0, 1), busy=st.floats(0, 1), readers=st.integers(0, 3),
    first=st.floats(0.01, 0.99), since=st.integers(0, 90),
)  # fmt: skip
def test_a_question_is_worth_more_than_it_costs_or_is_not_put(
    lately: int, cool: float, busy: float, readers: int, first: float, since: int
) -> None:
    asking = Asking(since, lately, cool, busy, readers)
    beliefs = _believed(humour=(first, 1 - first))
    found = wondered(SPACE, beliefs, asking)
    if found is None:
        return
    assert since >= APART
    assert found.value > found.cost >= cost(FREE)
    if found.dimension == "humour":
        assert max(first, 1 - first) < KNOWN


@given(first=st.floats(0.05, 0.95))
def test_the_surer_the_belief_the_less_an_answer_is_worth(first: float) -> None:
    dimension = SPACE.dimension("humour")
    middle = worth(dimension, Belief("humour", (0.5, 0.5)))
    assert worth(dimension, Belief("humour", (first, 1 - first))) <= middle + 1e-9
