"""Who would rather not be asked."""

import pytest

from personalization.declining import declines


@pytest.mark.parametrize(
    "text",
    ["That's none of your business.", "I'd rather not say.", "please don't ask me that", "No more questions!", "that's private",
     "Stop asking", "why do you want to know", "I won't tell you that", "no comment"],
)  # fmt: skip
def test_refusals_are_heard(text: str) -> None:
    assert declines(text)


@pytest.mark.parametrize(
    "text", ["Short, please.", "I don't know, maybe long?", "Ask Bob about the private beach", "no"]
)
def test_answers_are_not_refusals(text: str) -> None:
    assert not declines(text)
