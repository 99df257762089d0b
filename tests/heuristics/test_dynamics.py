from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.member import Member
from heuristics.dynamics import PAUSE, dynamics, freedom, in_duet
from heuristics.evidence import Evidence
from tests.conversation.build import ANN, ASIDE, BOB, CAT, moment, talk, thought
from tests.heuristics.build import FLAT, PLAIN, judged

typists = st.frozensets(st.sampled_from(["ann", "bob", "cat"]))


def test_right_after_a_message_the_floor_is_half_free_and_after_a_pause_wholly() -> None:
    assert freedom(moment(talk(ANN))) == 0.5
    assert freedom(moment(talk(ANN), quiet_for=PAUSE / 2)) == 0.75
    assert freedom(moment(talk(ANN), quiet_for=PAUSE)) == 1.0
    assert freedom(moment(talk(ANN), quiet_for=500.0)) == 1.0


@given(early=st.floats(0, 60), late=st.floats(0, 60), who=typists)
def test_it_never_falls_with_quiet(early: float, late: float, who: frozenset[str]) -> None:
    early, late = sorted((early, late))
    assert freedom(moment(typing=who, quiet_for=early)) <= freedom(moment(typing=who, quiet_for=late))


@given(who=typists, quiet=st.floats(0, 60))
def test_each_more_person_typing_lowers_it(who: frozenset[str], quiet: float) -> None:
    assert freedom(moment(typing=who | {"dan"}, quiet_for=quiet)) < freedom(moment(typing=who, quiet_for=quiet))
    assert 0 < freedom(moment(typing=who, quiet_for=quiet)) <= 1


def test_the_agents_own_typing_takes_nothing_from_it() -> None:
    assert freedom(moment(typing=frozenset({"aside"}))) == freedom(moment())


@pytest.mark.parametrize(
    ("authors", "duet"),
    [
        ((ANN, BOB, ANN, BOB), True),
        ((CAT, ANN, BOB, ANN, BOB), True),
        ((ANN, BOB, ANN), False),
        ((ANN, ANN, BOB, BOB), False),
        ((ANN, BOB, CAT, ANN), False),
        ((ANN, ASIDE, ANN, ASIDE), False),
        ((ANN, ANN, ANN, ANN), False),
    ],
)
def test_an_exchange_of_two_others_halves_it_where_no_map_counts_it(authors: tuple[Member, ...], duet: bool) -> None:
    now = moment(talk(*authors), members=(ASIDE, ANN, BOB, CAT), quiet_for=PAUSE)
    mapped = replace(PLAIN, maps={"run": ((0.0, 0.0), (1.0, 0.0))})
    assert in_duet(now) is duet
    assert dynamics(now, thought(), Evidence(), PLAIN).raw.measured == (0.5 if duet else 1.0)
    assert dynamics(now, thought(), Evidence(), mapped).raw.measured == 1.0


def test_the_score_follows_and_says_how_it_was_made() -> None:
    free, taken = moment(quiet_for=PAUSE), moment(typing=frozenset({"ann"}))
    assert dynamics(free, thought(), Evidence(), PLAIN).value > dynamics(taken, thought(), Evidence(), PLAIN).value
    assert dynamics(free, thought(), Evidence(), PLAIN).how == "measured"
    assert dynamics(free, thought(), judged("dynamics", FLAT), PLAIN).how == "both"
