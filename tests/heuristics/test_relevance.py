from dataclasses import replace

import pytest

from heuristics.relevance import ASKS, relevance
from tests.conversation.build import moment, thought
from tests.heuristics.build import FIVES, FLAT, ONES, PLAIN, judged


def test_a_higher_rating_gives_a_higher_score() -> None:
    low, middle, high = (relevance(moment(), thought(), judged("relevance", d), PLAIN) for d in (ONES, FLAT, FIVES))
    assert low.value < middle.value < high.value


def test_it_is_judged_and_keeps_the_whole_distribution() -> None:
    score = relevance(moment(), thought(), judged("relevance", FLAT, baseline=2.5), PLAIN)
    assert (score.heuristic, score.how, score.distribution) == ("relevance", "judged", FLAT)
    assert (score.raw.judged, score.raw.baseline, score.raw.mass, score.raw.measured) == (3.0, 2.5, 0.8, None)


def test_without_its_rating_it_is_neutral() -> None:
    score = relevance(moment(), thought(), judged("another", FIVES), PLAIN)
    assert (score.value, score.distribution, score.raw.judged) == (3.0, None, None)


def test_the_model_is_asked_for_what_the_agent_cares_about() -> None:
    assert "care about" in ASKS


def test_an_interest_of_somebody_here_adds_a_little_and_never_more() -> None:
    def value(interest: float | None) -> float:
        evidence = replace(judged("relevance", FLAT), interest=interest)
        return relevance(moment(), thought(), evidence, PLAIN).value

    assert value(None) == value(0.1) == 3.0
    assert 3.0 < value(0.5) < value(0.8)
    assert value(1.0) == pytest.approx(3.3)


def test_what_an_interest_added_is_found_again_from_the_stored_numbers() -> None:
    score = relevance(moment(), thought(), replace(judged("relevance", FLAT), interest=0.9), PLAIN)
    assert score.raw.facts == {"interest": 0.9}
    assert PLAIN.value(score.raw) == score.value
    assert replace(PLAIN, maps={"interest": ((0.0, 0.0),)}).value(score.raw) == 3.0
