from time import process_time

import pytest

from conversation.member import Member
from tests.conversation.build import ANN, ASIDE, BOB, message, moment, talk
from thoughts.addressing import addressee, called, partner, uncalled

BO = Member("bo", "Bo", "member")
ANN_LEE = Member("lee", "Ann Lee", "member")
MEMBERS = (ASIDE, ANN, BOB, BO)


def named(text: str, members: tuple[Member, ...] = MEMBERS) -> str | None:
    return addressee(message(1, ANN, text), members, talk())


@pytest.mark.parametrize(
    "text",
    [
        "Bob, what do you think",
        "bob: your turn",
        "Bob? ",
        "Bob",
        "Bob!",
        "hey Bob can you come",
        "Hi Bob",
        "ok, Bob, let's go",
        "thanks, Bob!",
        "what do you think, Bob?",
        "your turn - Bob",
        "your turn, bob...",
        "I think @Bob knows",
        "@bob",
        "(@Bob)",
        "Bob can you help",
        "Bob what time is it",
    ],
)
def test_these_call_bob(text: str) -> None:
    assert named(text) == "bob"


@pytest.mark.parametrize(
    "text",
    [
        "I saw Bob yesterday",
        "Bob's car is red",
        "Bobby, come here",
        "is Bob here today?",
        "I met Bob, Bo and others",
        "mail me at me@bob.org",
        "@bobby look",
        "shishkaBob, anyone",
        "Bob came and went",
        "",
    ],
)
def test_these_call_nobody(text: str) -> None:
    assert named(text) is None


def test_two_names_are_none() -> None:
    assert named("@Bob @Bo who drives?") is None
    assert named("Aside, ask @Bob") is None


def test_two_members_of_one_name_are_none() -> None:
    assert named("Bob, come", (ASIDE, ANN, BOB, Member("b2", "Bob", "member"))) is None


@pytest.mark.parametrize(
    ("text", "who"), [("Bo, come", "bo"), ("Bob, come", "bob"), ("come, Bo?", "bo"), ("@Bo", "bo")]
)
def test_a_name_that_begins_another_is_told_from_it(text: str, who: str) -> None:
    assert named(text) == who


@pytest.mark.parametrize(("text", "who"), [("@Ann Lee hi", "lee"), ("hi Ann Lee", "lee"), ("@Ann hi", "ann")])
def test_the_longer_of_two_names_that_begin_alike_is_meant(text: str, who: str) -> None:
    said = message(1, BOB, text)
    assert addressee(said, (ASIDE, ANN, ANN_LEE, BOB), talk()) == who


@pytest.mark.parametrize("name", ["B.*", "(Bob", "a|b", "[x]", "C++", "$", "\\d", "?"])
def test_a_name_is_no_pattern(name: str) -> None:
    odd = Member("odd", name, "member")
    assert named(f"{name}, come here", (ASIDE, ANN, odd)) == "odd"
    assert named("Babette, 7 of you come along", (ASIDE, ANN, odd)) is None


def test_a_blank_name_is_never_called() -> None:
    assert named(", what?", (ASIDE, ANN, Member("blank", "  ", "member"))) is None


def test_nobody_calls_themselves() -> None:
    assert named("Ann, says everybody, I hear") is None


def test_a_reply_is_for_whom_it_answers_whatever_it_names() -> None:
    log = talk((BOB, "hello"), (ANN, "hi"))
    assert addressee(message(3, ANN, "@Aside look", reply_to="m1"), MEMBERS, log) == "bob"


def test_a_reply_to_oneself_is_for_nobody() -> None:
    log = talk((ANN, "hello"))
    assert addressee(message(2, ANN, "and more", reply_to="m1"), MEMBERS, log) is None


def test_a_reply_to_something_out_of_sight_goes_by_its_words() -> None:
    assert addressee(message(3, ANN, "Bob, yes", reply_to="gone"), MEMBERS, talk()) == "bob"


@pytest.mark.parametrize(
    "text",
    [",Bob" + " " * 7_900 + "x", ",Bob" * 1_900, " " * 8_000, "hey" + " " * 7_900 + "x", "@" * 8_000, ",Bob.?" * 1_300],
)
def test_a_hostile_message_is_read_in_no_time(text: str) -> None:
    start = process_time()
    named(text)
    assert process_time() - start < 0.2


def test_between_two_every_message_is_for_the_other() -> None:
    aside, watcher = Member("aside", "Aside", "agent"), Member("eve", "Eve", "observer")
    ann, bob = Member("ann", "Ann", "owner"), Member("bob", "Bob", "member")
    said = message(1, ann, "what a day")
    assert partner(said, (ann, aside, watcher)) == "aside"
    assert partner(said, (ann, bob, aside)) is None
    assert partner(said, (ann, watcher)) is None


def test_between_two_every_message_is_for_the_other_and_a_call_is_for_who_is_called() -> None:
    two = (ASIDE, ANN)
    assert called(moment(talk((ANN, "shall we?")), members=two)) == ASIDE.id
    assert called(moment(talk((ANN, "shall we?")))) is None
    assert called(moment(talk((ANN, "Bob, shall we?")))) == BOB.id
    assert called(moment(talk())) is None


def test_a_name_beyond_ascii_is_found_in_any_case() -> None:
    members = (ASIDE, ANN, Member("ulf", "Ülf", "member"), Member("irma", "Irma", "member"))
    assert named("ÜLF, what do you think", members) == "ulf"
    assert named("ırma, what do you think", members) == "irma"  # as `re` has it: a dotless i is an i


def test_a_room_full_of_names_costs_little() -> None:
    """A hundred people, whose patterns are more than `re` keeps, would take seconds of compiling."""
    members = (ASIDE, ANN, *(Member(f"m{i}", f"Person {i}", "member") for i in range(1000)))
    began = process_time()
    for _ in range(20):
        assert named("nobody of them is named in this one", members) is None
    assert process_time() - began < 1.0


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Mika, where do I live?", "where do I live?"),
        ("@Mika: where\ndo I live?", "where do I live?"),
        ("@mika where do I live?", "where do I live?"),
        ("hey Mika! where do I live?", "where do I live?"),
        ("Ann Lee, where do I live?", "where do I live?"),
        ("Ann, Mika - where do I live?", "where do I live?"),
        ('Mika, "tea" or coffee?', '"tea" or coffee?'),
        ("where do I live, Mika?", "where do I live, Mika?"),
        ("Rehearsal: flat shoes or heels?", "Rehearsal: flat shoes or heels?"),
        ("Tonight, tea or coffee?", "Tonight, tea or coffee?"),
        ("Mikado, or chess?", "Mikado, or chess?"),
        ("@Mikado or chess?", "@Mikado or chess?"),
        ("Mika,", "Mika,"),
        ("", ""),
    ],
)
def test_the_name_that_is_called_first_is_left_out(text: str, left: str) -> None:
    assert uncalled(text, ["Mika", "Ann Lee", "(x", " "]) == left
    assert uncalled(text, ["", " "]) == text.replace("\n", " ")


def test_a_hostile_call_is_read_in_no_time() -> None:
    begun = process_time()
    for text in ("@" * 20_000, "Mika" * 5_000, "Mika, " * 5_000, " " * 20_000, "Mika" + " " * 20_000):
        uncalled(text, ["Mika", "Mika Mika"])
    assert process_time() - begun < 5
