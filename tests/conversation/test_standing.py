from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.message import Author, Message
from conversation.standing import LATELY, Names, Standing, Talk, sign_of, talk_of

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


BOT = ("aaa: !paste", "bot: paste it there", "aaa: ok", "ccc: !paste", "bot: paste it there", "ccc: hm")


def test_who_writes_after_a_sign_does_so_by_reflex() -> None:
    called = talk(*BOT, "aaa: !paste").standings
    assert called["bot"].reflex == pytest.approx(2 / 3)
    assert called["ccc"].reflex == 0
    assert called["bot"].summoned == pytest.approx(2 / 4)
    assert of("bot", *BOT).reflex is None
    assert of("bot", *BOT, "aaa: ?").reflex == 0


@pytest.mark.parametrize(("text", "sign"), [("!help", "!"), ("  /roll", "/"), ("help!", ""), ("", ""), ("äh", "")])
def test_a_sign_is_no_letter(text: str, sign: str) -> None:
    assert sign_of(text) == sign


def test_how_soon_it_answers_calls() -> None:
    own = of("aaa", "aaa: hi", "bbb: aaa: why?", "aaa: so", "bbb: aaa: and?", "ccc: x", "aaa: no")
    assert (own.latency, own.prompt) == (1.5, 2 / 7)


def test_its_gaps_tell_when_it_is_due() -> None:
    every_third = [f"{who}: x" for who in ("aaa", "bbb", "ccc") * 6]
    regular, late = of("aaa", *every_third[:-1]), of("aaa", *every_third, *every_third[1:3])
    assert regular.due == pytest.approx((5 + 0.3) / (5 + 3))
    assert late.due == pytest.approx(0.1)


def test_the_pace_of_a_room_is_of_its_last_messages() -> None:
    assert talk("aaa: x", "bbb: y", "aaa: z").pace == 10
    assert talk("aaa: x").pace == 0
