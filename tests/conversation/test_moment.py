from dataclasses import replace

from conversation.member import Member
from conversation.moment import Trigger
from tests.conversation.build import ANN, ASIDE, BOB, moment, talk


def test_the_others_are_those_who_may_speak_beside_the_agent() -> None:
    watcher = Member("eve", "Eve", "observer")
    rival = Member("echo", "Echo", "agent")
    now = moment(talk(ANN), members=(ASIDE, ANN, watcher, BOB, rival))
    assert now.others == (ANN, BOB, rival)


def test_silent_turns_count_from_the_agents_last_message() -> None:
    assert moment(talk(ANN, ASIDE, ANN, BOB)).silent_turns == 2
    assert moment(talk(ANN, BOB)).silent_turns == 2
    assert moment(talk(ANN, ASIDE)).silent_turns == 0


def test_the_last_message_is_none_in_an_empty_room() -> None:
    assert moment().last is None
    last = moment(talk(ANN, BOB)).last
    assert last is not None
    assert last.author.id == "bob"


def test_a_trigger_is_told_from_the_next_pause_after_the_same_message() -> None:
    assert Trigger("pause", 3) == Trigger("pause", 3, 0)
    assert len({Trigger("pause", 3), Trigger("pause", 3, 1), Trigger("message", 3)}) == 3


def test_a_moment_is_about_the_message_that_set_it_off_even_when_more_came() -> None:
    asked = replace(moment(talk(ANN, BOB, ANN)), trigger=Trigger("addressed", 2))
    assert asked.about is not None
    assert (asked.about.seq, asked.last and asked.last.seq) == (2, 3)


def test_a_pause_is_about_the_last_message() -> None:
    quiet = replace(moment(talk(ANN, BOB, ANN)), trigger=Trigger("pause", 2, 1))
    assert quiet.about == quiet.last
    assert moment().about is None


def test_whoever_wrote_last_has_spoken() -> None:
    assert moment(talk(ANN, ASIDE)).spoke_last
    assert not moment(talk(ASIDE, ANN)).spoke_last
    assert not moment().spoke_last


def test_who_wrote_while_it_was_thinking_is_still_owed_a_thought() -> None:
    talked = moment(talk(ANN, BOB, ASIDE))
    assert replace(talked, considered=2).spoke_last
    assert not replace(talked, considered=1).spoke_last
