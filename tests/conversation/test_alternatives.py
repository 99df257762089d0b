import pytest

from conversation.alternatives import LONGEST, Alternatives, alternatives


@pytest.mark.parametrize(
    ("text", "told", "first", "second"),
    [
        ("It's raining. Bus or bike?", "It's raining.", "Bus", "bike"),
        ("tea or coffee?", "", "tea", "coffee"),
        ("it is Tuesday. Should I order juice or wine?", "It is Tuesday.", "order juice", "wine"),
        ("what do I wear to work, the black or the red shirt?", "What do I wear to work.", "the black shirt", "the red shirt"),
        ("for my talk at noon: white or dark slides?", "For my talk at noon.", "white", "dark slides"),
        ("Should we wear the long or the short coat?", "", "wear the long coat", "wear the short coat"),
        ("Should I take the train or fly?", "", "take the train", "fly"),
        ("It is hot. Shoes off or on?", "It is hot.", "Shoes off", "Shoes on"),
        ("a walk or a swim in the lake?", "", "a walk in the lake", "a swim in the lake"),
        ("I'm full already. Cake or nothing?", "I'm full already.", "Cake", "nothing"),
        ("I'm cold. Stay in, or go out?", "I'm cold.", "Stay in", "go out"),
    ],
)  # fmt: skip
def test_what_is_told_and_the_two_things_stand_apart(text: str, told: str, first: str, second: str) -> None:
    assert alternatives(text) == Alternatives(told, first, second)


def test_whoever_is_called_is_none_of_it() -> None:
    for text in ("Mika, tea or coffee?", "@mika: tea or coffee?", "mika  tea or coffee?"):
        assert alternatives(text, "Mika") == Alternatives("", "tea", "coffee"), text
    assert alternatives("M.A, tea or coffee?", "M.A") == Alternatives("", "tea", "coffee")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Tea or coffee",
        "Tea?",
        "Tea, coffee or juice?",
        "It's late. Tea, coffee or juice?",
        "Tea or coffee or juice?",
        "Should I go or not?",
        f"{'very ' * LONGEST}long or short?",
        "or?",
    ],
)
def test_no_choice_between_two_things(text: str) -> None:
    assert alternatives(text, "Mika") is None
