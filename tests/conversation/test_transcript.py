"""Counts over the talk, against the plainest way to count them."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from conversation.member import Member
from conversation.transcript import Transcript
from tests.conversation.build import ANN, ASIDE, BOB, NOW, message, talk

logs = st.lists(st.sampled_from([ANN, BOB, ASIDE]), max_size=30).map(lambda who: talk(*who))
members = st.sampled_from([ANN, BOB, ASIDE])
windows = st.integers(0, 40)


def test_an_empty_talk_has_no_last_message_and_counts_nothing() -> None:
    empty = Transcript()
    assert empty.last is None
    assert empty.turns_since("ann") == 0
    assert empty.share("ann", 20) == 0.0
    assert empty.agents_since_human() == 0
    assert empty.speakers(20) == ()


def test_what_is_taken_out_is_by_author_or_by_message() -> None:
    log = talk(ASIDE, ANN, BOB, ANN)
    first = log.messages[0]
    assert log.without(set(), set()) is log
    assert [m.author for m in log.without({ANN.id}, set()).messages] == [first.author, log.messages[2].author]
    assert log.without({BOB.id}, {first.id}).messages == (log.messages[1], log.messages[3])


def test_turns_since_counts_what_others_said_after_the_author() -> None:
    log = talk(ASIDE, ANN, BOB, ANN)
    assert log.turns_since("aside") == 3
    assert log.turns_since("ann") == 0
    assert log.turns_since("nobody") == 4


def test_count_since_includes_the_very_moment() -> None:
    log = Transcript((message(1, ASIDE, ago=61), message(2, ASIDE, ago=60), message(3, ANN, ago=1)))
    assert log.count_since("aside", NOW - timedelta(seconds=60)) == 1
    assert log.count_since("aside", NOW - timedelta(seconds=61)) == 2


def test_agents_since_human_is_the_run_of_agents_at_the_end() -> None:
    other = Member("echo", "Echo", "agent")
    assert talk(ANN, ASIDE, other).agents_since_human() == 2
    assert talk(ASIDE, ANN).agents_since_human() == 0
    assert talk(ASIDE, other).agents_since_human() == 2


def test_with_id_finds_one_message_or_none() -> None:
    log = talk((ANN, "a"), (BOB, "b"))
    found = log.with_id("m2")
    assert found is not None
    assert found.text == "b"
    assert log.with_id("m3") is None


@given(log=logs, n=windows)
def test_the_tail_is_the_end_of_the_talk(log: Transcript, n: int) -> None:
    assert len(log.tail(n)) == min(n, len(log.messages))
    assert log.messages[len(log.messages) - len(log.tail(n)) :] == log.tail(n)


@given(log=logs.filter(lambda log: bool(log.messages)), window=st.integers(1, 40))
def test_shares_of_everybody_sum_to_one(log: Transcript, window: int) -> None:
    assert abs(sum(log.share(m.id, window) for m in (ANN, BOB, ASIDE)) - 1) < 1e-9


@given(log=logs, window=windows)
def test_speakers_are_each_named_once_and_the_last_comes_first(log: Transcript, window: int) -> None:
    found = log.speakers(window)
    assert len(set(found)) == len(found)
    assert set(found) == {m.author.id for m in log.tail(window)}
    if found and log.last is not None:
        assert found[0] == log.last.author.id


@given(log=logs, who=members)
def test_whoever_spoke_last_has_no_turns_since(log: Transcript, who: Member) -> None:
    after = Transcript((*log.messages, message(99, who)))
    assert after.turns_since(who.id) == 0
    assert all(after.turns_since(m.id) == log.turns_since(m.id) + 1 for m in (ANN, BOB, ASIDE) if m != who)
