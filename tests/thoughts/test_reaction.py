"""What a mere nod is, and how it looks."""

import pytest

from thoughts.reaction import reaction


@pytest.mark.parametrize(
    ("thought", "emoji"),
    [
        ("Nice!", "👍"),
        ("ok", "👍"),
        ("I agree.", "👍"),
        ("Great idea!", "👍"),
        ("Thank you so much!", "🙏"),
        ("Haha, good one.", "😄"),
        ("I really like that idea", "❤️"),
        ("Congratulations!", "🎉"),
        ("I'm so sorry to hear that.", "😔"),
    ],
)
def test_a_nod_has_a_face(thought: str, emoji: str) -> None:
    assert reaction(thought) == emoji


@pytest.mark.parametrize(
    "thought",
    [
        "",
        "Nice to swim there in June.",
        "Ok but who drives?",
        "Goodbye",
        "Okra is good",
        "I like swimming in June.",
        "Sorry?",
    ],
)
def test_what_says_more_has_none(thought: str) -> None:
    assert reaction(thought) is None
