"""Who would rather not be asked."""

import json
from pathlib import Path

import numpy as np
import pytest

from personalization.declining import LIKELY, Refusals, declines, save, shipped


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


def test_a_reply_that_lies_among_refusals_is_one() -> None:
    learned = shipped()
    refuses, answers = learned.weights.argmax(), learned.weights.argmin()
    assert declines("nunya", learned.vectors[refuses].tolist())
    assert not declines("nunya", learned.vectors[answers].tolist())
    assert not declines("nunya"), "no phrase says so, and where it lies is not known"
    assert not declines("nunya", [1.0]), "nor among other texts"


def test_what_is_shipped_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    vectors = np.array([[1, 0], [0, 1]], dtype=np.float16)
    made = Refusals(vectors, np.array([1, -1], dtype=np.float32), 0.1, 1.0, 2.0, -0.5)
    assert made.chance([1.0, 0.0]) > LIKELY > made.chance([0.0, 1.0])
    save(made, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as arrays:
        assert arrays["numbers"].tolist() == [0.1, 1.0, 2.0, -0.5]
        assert (arrays["vectors"] == vectors).all()


def test_what_is_measured_was_not_fitted_on() -> None:
    def texts(folder: str) -> set[str]:
        cases = json.loads(Path(folder, "cases", "declining.json").read_text(encoding="utf-8"))
        return {"".join(filter(str.isalnum, text.lower())) for part in cases.values() for text in part}

    assert not texts("evals") & texts("training")
