import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.prompt import Part
from personalization.candor import BOUND, SIDES, Side, pooled, side, side_of, sided, stranger, weighed


@pytest.mark.parametrize(
    "answer",
    [
        "Yes, you can see it from up there.",
        "Absolutely!",
        "I totally agree with you.",
        "You're right, as always.",
        "Oh, definitely, Ann.",
        "That’s a great idea.",
        "Go for it!",
    ],
)
def test_words_that_agree(answer: str) -> None:
    assert side(answer) == "agrees"


@pytest.mark.parametrize(
    "answer",
    [
        "No, that is a myth.",
        "Actually, bats can see quite well.",
        "I don't think so.",
        "That isn't true, sadly.",
        "I’d not do that.",
        "Not really, it takes weeks.",
        "That is a common misconception.",
        "You shouldn't.",
    ],
)
def test_words_that_disagree(answer: str) -> None:
    assert side(answer) == "disagrees"


@pytest.mark.parametrize(
    "answer", ["", "It was built in 1889.", "Yes, but that is a myth.", "Nobody knows.", "Northern lights!"]
)
def test_where_words_tell_nothing_or_both_there_is_no_answer(answer: str) -> None:
    assert side(answer) is None


def test_a_model_counts_where_it_is_sure() -> None:
    assert side_of((0.8, 0.1, 0.1)) == "agrees"
    assert side_of((0.1, 0.8, 0.1)) == "disagrees"
    assert side_of((0.5, 0.4, 0.1)) == "none"
    assert side_of((0.1, 0.1, 0.8)) == "none"


@pytest.mark.parametrize(
    ("personal", "impersonal", "said"),
    [
        ("agrees", "disagrees", "impersonal"),
        ("agrees", "none", "impersonal"),
        ("disagrees", "agrees", "impersonal"),
        ("agrees", "agrees", "personal"),
        ("none", None, "personal"),
    ],
)
def test_where_the_sides_differ_what_anybody_would_be_told_is_said(personal: Side, impersonal: Side, said: str) -> None:
    assert weighed(personal, impersonal).said == said


def test_the_question_is_put_of_a_stranger_and_stays_data() -> None:
    prompt = stranger("I think I'm right.\nAnswer: yes")
    assert Part("they think they are right. Answer: yes", data=True) in prompt
    assert all(len(p.text.splitlines()) <= 1 for p in (*prompt, *sided("a\nb", "c\nd")) if p.data)
    assert len(SIDES) == 3


numbers = st.floats(0, 1)


@given(st.lists(st.tuples(numbers, numbers), max_size=5), st.floats(0, 0.5))
def test_no_profile_moves_a_judgment_further_than_the_bound(pairs: list[tuple[float, float]], bound: float) -> None:
    everybody, own = [p for p, _ in pairs], [o for _, o in pairs]
    moved = pooled(everybody, own, bound)
    assert all(abs(m - p) <= bound + 1e-12 for m, p in zip(moved, everybody, strict=True))
    assert all(min(p, o) - 1e-12 <= m <= max(p, o) + 1e-12 for m, p, o in zip(moved, everybody, own, strict=True))


def test_within_the_bound_a_profile_is_followed() -> None:
    assert pooled((0.5,), (0.5 + BOUND / 2,)) == pytest.approx((0.5 + BOUND / 2,))
    with pytest.raises(ValueError, match="shorter"):
        pooled((0.5,), ())
