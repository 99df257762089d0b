import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.member import Member
from heuristics.balance import WINDOW, balance, fairness
from heuristics.evidence import Evidence
from tests.conversation.build import ANN, ASIDE, BOB, moment, talk
from tests.conversation.build import thought as a_thought
from tests.heuristics.build import FLAT, PLAIN, judged


def test_it_is_the_equal_share_less_the_share_taken() -> None:
    # Three speakers, and the agent wrote one of four: 1/3 − 1/4.
    assert fairness(moment(talk(ANN, BOB, ASIDE, ANN))) == pytest.approx(1 / 3 - 1 / 4)


def test_an_agent_that_said_nothing_is_owed_its_share() -> None:
    assert fairness(moment(talk(ANN, BOB))) == pytest.approx(1 / 3)


def test_an_agent_alone_on_the_floor_is_at_its_share() -> None:
    assert fairness(moment(talk(ASIDE, ASIDE))) == 0.0


@given(st.lists(st.sampled_from([ANN, BOB, ASIDE]), min_size=1, max_size=WINDOW))
def test_one_more_message_of_a_speaking_agent_in_place_of_anothers_lowers_it(log: list[Member]) -> None:
    lines = [ANN, BOB, ASIDE, *log][: WINDOW - 2]
    more = fairness(moment(talk(*lines, ASIDE)))
    less = fairness(moment(talk(*lines, ANN)))
    assert -1 <= more < less <= 1


def test_only_the_window_counts() -> None:
    old = [ASIDE] * 30
    assert fairness(moment(talk(*old, *[ANN] * WINDOW))) == pytest.approx(1 / 2)


def test_the_score_falls_as_the_agent_talks_more_and_says_how_it_was_made() -> None:
    quiet, loud = moment(talk(ANN, BOB, ANN, BOB)), moment(talk(ASIDE, BOB, ASIDE, ANN))
    assert balance(quiet, a_thought(), Evidence(), PLAIN).value > balance(loud, a_thought(), Evidence(), PLAIN).value
    assert balance(quiet, a_thought(), Evidence(), PLAIN).how == "measured"
    assert balance(quiet, a_thought(), judged("balance", FLAT), PLAIN).how == "both"
