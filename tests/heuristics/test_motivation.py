import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.score import Score
from heuristics.calibration import calibration_for
from heuristics.evidence import Distribution, Evidence, Rating
from heuristics.motivation import HEURISTICS, JUDGED, growth, motivation, rate, recalibrated
from tests.conversation.build import ANN, ASIDE, BOB, moment, score, talk, thought

CALIBRATION = calibration_for("default")
NINE = tuple(h.name for h in HEURISTICS if h.name != "silence")
values = st.floats(1, 5)
nine = st.tuples(*[values] * 9)


def scores(nine_values: tuple[float, ...], turns: float = 0.0) -> tuple[Score, ...]:
    return (*map(score, NINE, nine_values), score("silence", 3.0, turns))


def evidence(rows: list[Distribution]) -> Evidence:
    ratings = {h.name: Rating(row, 0.7, 2.8) for h, row in zip(JUDGED, rows, strict=False)}
    return Evidence(ratings, gain=1.5, likeness=0.3)


def distribution(weights: tuple[float, ...]) -> Distribution:
    a, b, c, d, e = (w / sum(weights) for w in weights)
    return (a, b, c, d, e)


rows = st.lists(st.tuples(*[st.floats(0.01, 1)] * 5).map(distribution), max_size=9)


def test_there_are_ten_with_names_of_their_own_and_nine_are_asked() -> None:
    assert len({h.name for h in HEURISTICS}) == len({h.title for h in HEURISTICS}) == len(HEURISTICS) == 10
    assert [h.name for h in JUDGED] == list(NINE)


def test_only_measured_ones_ask_nothing() -> None:
    assert all((h.how == "measured") == (not h.asks) for h in HEURISTICS)


@given(rows)
def test_a_thought_gets_ten_scores_in_order(given_rows: list[Distribution]) -> None:
    found = rate(moment(talk(ANN, ASIDE, BOB)), thought(), evidence(given_rows), CALIBRATION)
    assert [s.heuristic for s in found] == [h.name for h in HEURISTICS]
    assert all(1 <= s.value <= 5 for s in found)


def test_with_full_evidence_each_is_obtained_as_its_table_row_says() -> None:
    full = replace(evidence([distribution((1, 1, 1, 1, 1))] * 9), read={"filling_gap": 0.5})
    found = rate(moment(talk(ANN)), thought(), full, CALIBRATION)
    assert [s.how for s in found] == [h.how for h in HEURISTICS]


@given(rows)
def test_the_same_calibration_again_changes_nothing(given_rows: list[Distribution]) -> None:
    found = rate(moment(talk(ANN, ASIDE, BOB)), thought(), evidence(given_rows), CALIBRATION)
    assert recalibrated(found, CALIBRATION) == found


def test_another_calibration_moves_the_values_and_keeps_the_raw_numbers() -> None:
    found = rate(moment(talk(ANN)), thought(), evidence([distribution((1, 1, 1, 1, 6))] * 9), CALIBRATION)
    steeper = replace(CALIBRATION, scales={n: replace(s, gain=2.0) for n, s in CALIBRATION.scales.items()})
    moved = recalibrated(found, steeper)
    assert [s.raw for s in moved] == [s.raw for s in found]
    assert moved[0].value > found[0].value


@given(nine_values=nine, which=st.integers(0, 8), more=st.floats(0, 4), turns=st.integers(0, 50))
def test_it_never_falls_when_one_score_rises(
    nine_values: tuple[float, ...], which: int, more: float, turns: int
) -> None:
    raised = (*nine_values[:which], min(5.0, nine_values[which] + more), *nine_values[which + 1 :])
    before, after = (motivation(scores(v, turns), CALIBRATION, 1.02, 10) for v in (nine_values, raised))
    assert before <= after + 1e-9


@given(nine_values=nine, turns=st.integers(0, 500), factor=st.floats(1, 1.2), cap=st.integers(0, 200))
def test_it_lies_between_one_and_five(nine_values: tuple[float, ...], turns: int, factor: float, cap: int) -> None:
    assert 1 <= motivation(scores(nine_values, turns), CALIBRATION, factor, cap) <= 5


@given(nine_values=nine, turns=st.integers(0, 100))
def test_it_never_falls_with_silence_and_stops_at_the_cap(nine_values: tuple[float, ...], turns: int) -> None:
    now, later, capped, beyond = (
        motivation(scores(nine_values, t), CALIBRATION, 1.02, 10) for t in (turns, turns + 1, 10, 11 + turns)
    )
    assert now <= later
    assert beyond == capped


def test_it_is_the_weighted_mean_times_the_growth() -> None:
    weights = {**dict.fromkeys(NINE, 0.0), "relevance": 3.0, "urgency": 1.0}
    uneven = replace(CALIBRATION, weights=weights)
    found = (score("relevance", 4.0), score("urgency", 2.0), score("silence", 1.0, 2.0))
    assert motivation(found, uneven, 1.1, 10) == pytest.approx(3.5 * 1.21)


ODDS = replace(CALIBRATION, bias=0.0, weights={**dict.fromkeys(NINE, 0.4), "silence": 0.2})


def test_by_odds_it_is_neutral_where_every_score_is() -> None:
    assert motivation(scores((3.0,) * 9), ODDS, 1.0, 0) == 3.0


@given(nine_values=nine, which=st.integers(0, 8), more=st.floats(0.01, 4), turns=st.integers(0, 50))
def test_by_odds_it_rises_with_every_score_and_never_reaches_the_ends(
    nine_values: tuple[float, ...], which: int, more: float, turns: int
) -> None:
    raised = (*nine_values[:which], nine_values[which] + more, *nine_values[which + 1 :])
    before, after = (motivation(scores(v, turns), ODDS, 1.02, 10) for v in (nine_values, raised))
    assert 1 < before < after < 5


def test_by_odds_a_weight_is_log_odds_a_point_and_growth_a_factor_on_the_odds() -> None:
    found = (score("relevance", 5.0), score("silence", 3.0, 2.0))
    odds = math.exp(0.8) * 1.21
    assert motivation(found, ODDS, 1.1, 10) == pytest.approx(1 + 4 * odds / (1 + odds))


def test_with_no_weight_anywhere_it_is_neutral() -> None:
    weightless = replace(CALIBRATION, weights=dict.fromkeys(NINE, 0.0))
    assert motivation(scores((5.0,) * 9), weightless, 1.0, 0) == 3.0


def test_growth_is_one_before_any_silence_and_with_factor_one() -> None:
    assert growth(0, 1.02, 10) == 1.0
    assert growth(40, 1.0, 10) == 1.0
    assert growth(3, 1.02, 10) == pytest.approx(1.061208)
    assert growth(40, 1.02, 10) == growth(10, 1.02, 10)


def test_without_a_silence_score_nothing_grows() -> None:
    assert motivation((score("relevance", 4.0),), CALIBRATION, 1.1, 10) == pytest.approx(4.0)
