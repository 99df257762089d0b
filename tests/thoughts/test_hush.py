"""What is an order to be quiet, for whom and until when, and what only looks like one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.member import Member
from conversation.message import Message
from conversation.transcript import Transcript
from tests.conversation.build import ANN, BOB
from thoughts.hush import LONGEST, Hush, hush

MIKA, NOOR = Member("mika", "Mika", "agent"), Member("noor", "Noor van Dijk", "agent")
AT = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
ONE, TWO = (ANN, BOB, MIKA), (ANN, BOB, MIKA, NOOR)
SAID = Message("m1", 1, MIKA.as_author(), "hello", AT)


def order(
    text: str,
    members: tuple[Member, ...] = ONE,
    *,
    zone: str = "UTC",
    quiet: frozenset[str] = frozenset(),
    reply_to: str | None = None,
    author: Member = BOB,
) -> Hush | None:
    said = Message("m2", 2, author.as_author(), text, AT, reply_to)
    return hush(said, members, Transcript((SAID,)), zone, quiet)


def until(text: str, zone: str = "UTC") -> str | None:
    found = order(text, zone=zone)
    assert found is None or found.agents == ("mika",)
    return None if found is None or found.until is None else f"{found.until:%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("quiet for an hour", "05 15:30"),
        ("Mika, quiet for an hour please", "05 15:30"),
        ("Please be quiet for one hour, Mika.", "05 15:30"),
        ("Mika, be quiet", "05 15:30"),
        ("@Mika shut up", "05 15:30"),
        ("shh Mika", "05 15:30"),
        ("be quiet until six", "05 18:00"),
        ("Mika be quiet till 18:45", "05 18:45"),
        ("stop talking until 6pm", "05 18:00"),
        ("Mika please be quiet till half past seven", "05 19:30"),
        ("stay silent until 2", "06 02:00"),
        ("be quiet until 06:00", "06 06:00"),
        ("be quiet until six tomorrow", "06 06:00"),
        ("keep quiet until noon", "06 12:00"),
        ("Mika, silence until tomorrow", "06 08:00"),
        ("Mika, no more messages today", "06 00:00"),
        ("Could you be quiet for 30 minutes, Mika?", "05 15:00"),
        ("Mika, please don't say anything for the next two hours", "05 16:30"),
        ("hey Mika, can you stay silent for a bit?", "05 14:45"),
        ("Mika, stop talking for an hour and a half", "05 16:00"),
        ("Mika: mute yourself for 1h", "05 15:30"),
        ("give us some peace for half an hour", "05 15:00"),
        ("be quiet for an hour, bot", "05 15:30"),
        ("Quiet, bots!", "05 15:30"),
        ("keep quiet for 1000000 hours", f"{AT + LONGEST:%d %H:%M}"),
        (f"be quiet for {'9' * 150} hours", f"{AT + LONGEST:%d %H:%M}"),
    ],
)
def test_it_is_understood_for_how_long(text: str, end: str) -> None:
    assert until(text) == end


@pytest.mark.parametrize(
    ("zone", "end"), [("Europe/Berlin", "05 17:00"), ("Asia/Tokyo", "05 21:00"), ("UTC", "05 18:00")]
)
def test_six_is_six_where_the_room_is(zone: str, end: str) -> None:
    assert until("be quiet until six", zone) == end


@pytest.mark.parametrize(
    "text",
    [
        "Mika, you can talk again",
        "OK Mika, you may speak again now",
        "Mika, unmute",
        "Mika, you don't have to be quiet anymore",
        "you're free to talk again, Mika".replace("you're", "you are"),
        "Mika, come back",
    ],
)
def test_it_is_let_talk_again(text: str) -> None:
    assert order(text) == Hush(("mika",), None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quiet",
        "quiet please",
        "be quiet",
        "you can talk again",
        "why are you so quiet Mika?",
        "it was quiet for an hour",
        "is it quiet for an hour?",
        "be quiet for an hour?",
        "don't be quiet for an hour",
        "I said be quiet for an hour",
        "Bob, be quiet for an hour",
        "Mika, quiet for an hour and tell me a joke",
        "Mika, quiet for an hourglass",
        "be quiet until 25:00",
        "be quiet until the cows come home",
        "be quiet for zero hours",
        "be quiet for 0 minutes",
        '"be quiet for an hour" is what he said',
        "Mika, hushpuppies",
        "be quiet for an hour " + "x" * 300,
    ],
)
def test_what_only_looks_like_it_is_not_obeyed(text: str) -> None:
    assert order(text) is None


def test_whose_silence_it_is_must_be_plain() -> None:
    assert order("quiet for an hour", TWO) is None
    assert order("Mika, quiet for an hour", TWO) == order("quiet for an hour")
    both = order("all bots be quiet for an hour", TWO)
    assert both is not None
    assert both.agents == ("mika", "noor")
    noor = order("be quiet for an hour, Noor van Dijk", TWO)
    assert noor is not None
    assert noor.agents == ("noor",)


def test_an_answer_to_it_is_for_it() -> None:
    assert order("shut up") is None
    answer = order("shut up", reply_to="m1")
    assert answer is not None
    assert answer.agents == ("mika",)


def test_without_a_name_only_who_is_quiet_can_be_let_talk() -> None:
    assert order("you can talk again", quiet=frozenset({"mika"})) == Hush(("mika",), None)


def test_agents_are_not_obeyed_and_a_room_without_them_has_nobody_to_obey() -> None:
    assert order("Mika, be quiet", TWO, author=NOOR) is None
    assert order("quiet for an hour", (ANN, BOB)) is None


@given(st.text(max_size=120))
def test_whatever_is_said_it_never_fails_and_never_lasts_longer_than_a_week(text: str) -> None:
    found = order(f"Mika, be quiet {text}")
    assert found is None or found.until is None or AT < found.until <= AT + LONGEST
