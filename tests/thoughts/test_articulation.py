import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inference.prompt import one_line
from thoughts.articulation import LIMIT, LONGEST, Articulation

OTHERS = ("Ann", "Bob", "Bob #2")


def written(*pieces: str, name: str = "Aside", others: tuple[str, ...] = OTHERS) -> Articulation:
    one = Articulation(name, others)
    for piece in pieces:
        one.feed(piece)
    return one


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (" I would swim.", "I would swim."),
        ('"I would swim."', "I would swim."),
        ("“I would swim.”", "I would swim."),
        ("Aside: I would swim.", "I would swim."),
        ('Aside: "I would swim."', "I would swim."),
        ('"Aside: I would swim."', "I would swim."),
        ('\n\n "I would swim', "I would swim"),
        ('Ann said "no"', 'Ann said "no"'),
        ("Aside is a name", "Aside is a name"),
        ("Asides: three", "Asides: three"),
    ],
)
def test_its_own_name_and_quotes_around_the_message_are_no_part_of_it(raw: str, text: str) -> None:
    assert written(raw).text == text


@pytest.mark.parametrize("after", ["\n", "\n\n", "\r\n", "\nBob: me too", "\n Aside: and more"])
def test_a_line_break_ends_it(after: str) -> None:
    one = written("I would swim.", after, "And then some.")
    assert (one.text, one.done) == ("I would swim.", True)


@pytest.mark.parametrize("raw", ["Bob: me too", " Ann : hello", "Bob #2: yes", "Aside: Bob: me too", "Aside: Aside: x"])
def test_it_never_speaks_for_somebody_else(raw: str) -> None:
    one = written(raw, " and on")
    assert (one.text, one.done) == ("", True)


def test_the_name_of_another_may_be_mentioned() -> None:
    assert written("Bob knows: it is cold.").text == "Bob knows: it is cold."
    assert written("I like Bob: he swims.").text == "I like Bob: he swims."


@pytest.mark.parametrize("raw", ["", " ", "...", '"', "\n", "Aside:", "!?", "👍"])
def test_without_a_word_there_is_nothing_to_say(raw: str) -> None:
    assert written(raw).text == ""


def test_a_half_sentence_that_the_limit_cut_off_is_left_out_and_a_lone_one_stays() -> None:
    whole = "It is warm." + " very" * (LIMIT - 1)
    cut = written(*whole.replace(" ", "| ").split("|"))
    assert cut.text == "It is warm."
    alone = written(*(["We could swi"] + [" on"] * LIMIT))
    assert alone.text.startswith("We could swi on")


def test_a_message_that_ends_by_itself_keeps_its_last_words_without_a_full_stop() -> None:
    assert written("agreed. let's go tomorrow").text == "agreed. let's go tomorrow"
    assert written("It is warm. Shall we swim?").text == "It is warm. Shall we swim?"


def test_it_is_never_longer_than_a_chat_message() -> None:
    one = written("word " * 1_000)
    assert one.done
    assert len(one.text) <= LONGEST


def test_a_name_in_pieces_is_not_shown_before_it_is_known_to_be_no_label() -> None:
    one = Articulation("Aside", OTHERS)
    assert [one.feed(piece) for piece in ("As", "ide", ":", " I", " swim.")] == ["", "", "", "I", " swim."]
    two = Articulation("Aside", OTHERS)
    assert [two.feed(piece) for piece in ("Bob", " swims", " too")] == ["", "Bob swims", " too"]


def test_names_are_no_patterns() -> None:
    assert written("xyz: hi", name="A.*", others=("(", "[z]", "x|y")).text == "xyz: hi"
    assert written("A.*: hi", name="A.*").text == "hi"


def test_an_empty_name_takes_nothing() -> None:
    assert written(": hi", name="", others=("",)).text == ": hi"


alphabet = ["Aside", "Bob", "Ann", ":", " ", "\n", '"', "“", "I swim", ".", "!", " #2", "A", "e", "\r", "…", "wo"]
chunks = st.lists(st.sampled_from(alphabet) | st.text(max_size=6), max_size=30)


@given(chunks)
@example(["Aside", ":", "hi"])
@example(["I", "\n", "Bob", ":"])
def test_what_was_shown_only_grows_and_agrees_with_the_message(pieces: list[str]) -> None:
    one, shown = Articulation("Aside", OTHERS), ""
    for piece in pieces:
        shown += one.feed(piece)
        settled = one_line(shown)
        assert settled.startswith(one.text) or one.text.startswith(settled)


@given(chunks)
def test_how_the_stream_was_cut_changes_nothing(pieces: list[str]) -> None:
    whole, cut = written("".join(pieces)), written(*"".join(pieces))
    assert cut.text == whole.text


@given(chunks)
@example(['"', "0\x1f", '"'])
def test_the_message_is_one_line_and_not_in_anothers_name(pieces: list[str]) -> None:
    text = written(*pieces).text
    assert len(text.splitlines()) <= 1
    assert not text.startswith(("Bob:", "Ann:", "Bob #2:", "Aside:"))
    assert text == text.strip()


@given(chunks, chunks)
def test_once_done_it_stays_as_it_is(pieces: list[str], more: list[str]) -> None:
    one = written(*pieces, "\n", "x\n")
    before = one.text
    if one.done:
        for piece in more:
            assert one.feed(piece) == ""
        assert one.text == before
