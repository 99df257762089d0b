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
