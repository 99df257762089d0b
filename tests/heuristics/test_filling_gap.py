from dataclasses import replace

from heuristics.filling_gap import ASKS, filling_gap
from tests.conversation.build import moment, thought
from tests.heuristics.build import FIVES, FLAT, ONES, PLAIN, judged


def test_a_higher_rating_gives_a_higher_score() -> None:
    low, middle, high = (filling_gap(moment(), thought(), judged("filling_gap", d), PLAIN) for d in (ONES, FLAT, FIVES))
    assert low.value < middle.value < high.value


def test_it_is_judged_and_keeps_the_whole_distribution() -> None:
    score = filling_gap(moment(), thought(), judged("filling_gap", FLAT, baseline=2.5), PLAIN)
    assert (score.heuristic, score.how, score.distribution) == ("filling_gap", "judged", FLAT)
    assert (score.raw.judged, score.raw.baseline, score.raw.mass, score.raw.measured) == (3.0, 2.5, 0.8, None)


def test_what_a_reader_says_is_its_measure() -> None:
    rated = replace(judged("filling_gap", FLAT), read={"filling_gap": 1.5, "coherence": 9.0})
    score = filling_gap(moment(), thought(), rated, PLAIN)
    assert (score.how, score.raw.measured) == ("both", 1.5)


def test_without_its_rating_it_is_neutral() -> None:
    score = filling_gap(moment(), thought(), judged("another", FIVES), PLAIN)
    assert (score.value, score.distribution, score.raw.judged) == (3.0, None, None)


def test_the_model_is_asked_for_what_somebody_is_missing() -> None:
    assert "missing" in ASKS
