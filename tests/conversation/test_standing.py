from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.message import Author, Message
from conversation.standing import LATELY, Names, Standing, Talk, talk_of

START = datetime(2020, 1, 1, tzinfo=UTC)


def said(*lines: str) -> tuple[Message, ...]:
    """Each line is "author: text", ten seconds apart."""
    found = []
    for i, line in enumerate(lines):
        who, _, text = line.partition(": ")
        at = START + timedelta(seconds=10 * i)
        found.append(Message(str(i), i + 1, Author(who, who, "human"), text, at))
    return tuple(found)


def talk(*lines: str, ask: tuple[str, ...] = ()) -> Talk:
    messages = said(*lines)
    return talk_of(messages, {}, messages[-1].at, ask)


def of(who: str, *lines: str) -> Standing:
    return talk(*lines).standings[who]


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("bob: look", {"bob"}),
        ("Bob look", {"bob"}),
        ("thanks, bob", {"bob"}),
        ("thanks Bob", set()),
        ("thanks @Bob", {"bob"}),
        ("bobby is here", set()),
        ("elad: hi", {"elad`"}),
        ("el: hi", set()),
        ("bob and cat", {"bob", "cat"}),
        ("ask Ann Lee now", {"annlee"}),
        ("ann: me?", set()),
        ("", set()),
    ],
)
def test_who_is_called(text: str, called: set[str]) -> None:
    names = Names({"bob": "bob", "cat": "cat", "elad`": "elad`", "annlee": "Ann Lee", "x": "ann"})
    assert names.called(Message("1", 1, Author("x", "ann", "human"), text, START)) == called


def test_turns_and_seconds_count_from_its_last_message() -> None:
    own = of("aaa", "aaa: one", "bbb: two", "ccc: three")
    assert (own.turns, own.seconds, own.said) == (2, 20.0, 1)


def test_who_never_wrote_has_nothing_to_count() -> None:
    own = talk("aaa: one", ask=("zzz",)).standings["zzz"]
    assert (own.turns, own.seconds, own.usual, own.owed, own.together) == (None,) * 5


def test_a_call_is_owed_until_it_is_answered() -> None:
    asked = ("aaa: hi", "bbb: aaa: why?", "ccc: ok")
    own = of("aaa", *asked)
    assert (own.owed, own.owed_question, own.calls, own.named) == (1, True, 1, False)
    assert of("aaa", *asked, "aaa: so", "ccc: ok").owed is None


def test_partners_are_whoever_called_last_and_unaddressed_talk_goes_on_to_them() -> None:
    lines = ("aaa: hi", "bbb: aaa: why?", "aaa: because", "bbb: fine")
    own = of("aaa", *lines)
    assert own.partner_of_author
    assert (own.together, own.partner_since) == (1, 0)
    assert not of("ccc", "ccc: hi", *lines).partner_of_author


def test_its_question_stands_open_until_somebody_calls_it() -> None:
    assert of("aaa", "aaa: how?", "bbb: hm").asked
    assert not of("aaa", "aaa: how?", "bbb: aaa: so").asked


def test_of_the_last_message_and_its_author() -> None:
    found = talk("aaa: hi", "bbb: so", "bbb: aaa: ccc: really?", "ccc: x", "bbb: aaa: yes?")
    assert (found.question, found.names, found.run, found.speakers) == (True, 1, 1, 3)
    assert talk("aaa: x", "bbb: y", "bbb: z").run == 2


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=80))
def test_shares_of_all_add_up_and_lie_between_none_and_all(authors: list[str]) -> None:
    found = talk(*(f"{who * 3}: x" for who in authors)).standings
    assert sum(s.share60 for s in found.values()) == pytest.approx(1)
    assert all(0 <= s.share20 <= 1 and 0 <= s.runs_on <= 1 and 0 <= s.follows < 1 for s in found.values())
    assert all(s.turns is not None and s.turns <= LATELY for s in found.values())
