"""Who would rather not be asked."""

import pytest

from personalization.declining import declines


@pytest.mark.parametrize(
    "text",
    ["That's none of your business.", "I'd rather not say.", "please don't ask me that", "No more questions!", "that's private",
     "Stop asking", "why do you want to know", "I won't tell you that", "no comment",
     "I'd prefer not to talk about that.", "I prefer not to say", "I'd prefer not to.", "I don't want to talk about it.",
     "I don’t really want to discuss this here.", "I do not wish to talk about myself.", "Let's not go there.",
     "let’s not go there, please", "Can we not talk about that?", "pass", "Pass.", "I'll pass on that one", "Hard pass!",
     "Um, pass", "Skip that one.", "Let's skip this question", "skip", "I'd rather skip it",
     "I don't want to get into that right now", "I don't want to talk about it anymore", "Let's not discuss that now"],
)  # fmt: skip
def test_refusals_are_heard(text: str) -> None:
    assert declines(text)


@pytest.mark.parametrize(
    "text",
    [
        "Short, please.",
        "I don't know, maybe long?",
        "Ask Bob about the private beach",
        "no",
        "pass me the salt",
        "Pass it to Bob",
        "skip the intro",
        "Let's not go there by car",
        "let's not go there before noon",
        "I'd prefer not too long",
        "I'd prefer not to get long answers",
        "I want to talk about that",
        "Let's skip it on Monday and meet on Tuesday",
        "I passed the exam",
        "I don't want to talk about it all day, so keep it short",
        "Skip the jokes",
        "pass on my regards",
        "I don't like long answers",
    ],
)
def test_answers_are_not_refusals(text: str) -> None:
    assert not declines(text)
