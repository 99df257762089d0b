"""Plain words for a decision, and none of a thought's."""

from typing import get_args

import pytest

from conversation.decision import Bound, Decision
from tests.conversation.build import score
from thoughts.why import BOUND_WORDS, arguments, why

SCORES = (
    score("relevance", 4.5),
    score("urgency", 1.0),
    score("balance", 2.0),
    score("dynamics", 3.5),
    score("coherence", 3.0),
)
WEIGHTS = {"relevance": 1.0, "urgency": 1.0, "balance": 1.0, "dynamics": 1.0}


def test_every_bound_has_words() -> None:
    assert set(BOUND_WORDS) == set(get_args(Bound))


def test_the_two_that_argue_most_each_way_by_weight() -> None:
    speaking, against = arguments(SCORES, WEIGHTS)
    assert [one.heuristic for one in speaking] == ["relevance", "dynamics"]
    assert [one.heuristic for one in against] == ["urgency", "balance"]
    _, heavy = arguments(SCORES, {**WEIGHTS, "balance": 5.0})
    assert [one.heuristic for one in heavy] == ["balance", "urgency"]


def test_speaking_is_explained_by_its_bar_and_arguments() -> None:
    told = why(Decision("speak", "t", "open", 3.5, "private words"), None, False, "said", 3.94, SCORES, WEIGHTS)
    assert told.words == (
        "It spoke.",
        "Its wish to speak (3.9 of 5) reached the bar (3.5), while anybody might have spoken.",
        "Most for speaking: Relevance (4.5) and Dynamics (3.5).",
        "Most against: Urgency (1.0) and Balance (2.0).",
    )


def test_holding_back_names_the_bound() -> None:
    held = Decision("hold", "t", "theirs", 4.0, "", "quiet_hours")
    assert (
        why(held, None, False, None, 4.2, SCORES, WEIGHTS).words[-1]
        == "It held back, because these are its quiet hours."
    )


def test_a_thought_that_slipped_out_is_told_as_such() -> None:
    words = why(Decision("speak", "t", "open", 3.5, ""), None, False, "said", 2.0, (), WEIGHTS).words
    assert words[-1] == "Now and then a first thought slips out all the same."


@pytest.mark.parametrize(
    ("decision", "gate", "failed", "words"),
    [
        (
            Decision("silent", None, "none", None, "", "hushed"),
            "asked",
            False,
            "It did not think about this, because a member asked it to be quiet.",
        ),
        (Decision("silent", None, "none", None, ""), "empty room", False, "It did not think about this: empty room."),
        (Decision("silent", None, "none", None, ""), None, True, "Thinking failed, so it said nothing."),
        (Decision("silent", None, "none", None, ""), None, False, "Nothing new came to its mind."),
    ],
)
def test_silence_is_explained_too(decision: Decision, gate: str | None, failed: bool, words: str) -> None:
    assert why(decision, gate, failed, None, None, (), WEIGHTS).words == (words,)
