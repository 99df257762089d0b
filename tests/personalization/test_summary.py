from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.weights import DEFAULT_CACHE, find_model
from personalization.summary import MOST_TOKENS, Edit, Sentence, TooLongError, in_force, summarised, tokens, written

NOW = datetime(2026, 3, 14, tzinfo=UTC)
HERE = frozenset({"ann", "bob"})


@dataclass(frozen=True)
class Said:
    id: str
    text: str
    kind: str = "fact"
    day: int = 0

    @property
    def at(self) -> datetime:
        return NOW - timedelta(days=100 - self.day)


LIVES = Said("i1", "I live in Oslo.", day=3)
LIKES = Said("i2", "I like it short.", "preference")
WENT = Said("i3", "I went to York", "event", day=9)
texts = st.text(max_size=300)
items = st.lists(
    st.builds(
        Said,
        st.uuids().map(str),
        texts,
        st.sampled_from(["claim", "fact", "preference", "event", "correction"]),
        st.integers(0, 90),
    ),
    max_size=40,
)


def test_it_says_what_the_person_said_and_names_where_it_came_from() -> None:
    found = summarised("Ann", [WENT, LIVES, LIKES], NOW)
    assert found.sentences == (
        Sentence("Ann said: “I like it short”.", ("i2",)),
        Sentence("Ann said: “I live in Oslo”.", ("i1",)),
        Sentence("Ann said on 2025-12-13: “I went to York”.", ("i3",)),
    )
    assert found.text.startswith("(As of 2026-03-14.) Ann said:")


def test_what_is_known_twice_is_said_once_with_both_sources() -> None:
    found = summarised("Ann", [LIVES, Said("i9", "i live in oslo.", day=1)], NOW)
    assert [s.items for s in found.sentences] == [("i1", "i9")]


def test_nothing_known_is_nothing_said() -> None:
    assert summarised("Ann", [], NOW).text == ""
    assert summarised("Ann", [Said("c", "No, it was 1889.", "correction")], NOW).text == ""


def test_a_claim_is_called_one() -> None:
    assert "claimed" in summarised("Ann", [Said("i", "The moon is hollow.", "claim")], NOW).text


@given(items)
def test_it_is_never_longer_than_it_may_be_and_every_sentence_has_its_items(some: list[Said]) -> None:
    found = summarised("Ann", some, NOW)
    assert tokens(found.text) <= MOST_TOKENS
    known = {i.id for i in some}
    assert all(s.items and set(s.items) <= known for s in found.sentences)
    assert len(found.text.splitlines()) <= 1


@given(items)
def test_without_an_item_none_of_its_sentences_is_left(some: list[Said]) -> None:
    for gone in some[:3]:
        left = summarised("Ann", [i for i in some if i.id != gone.id], NOW)
        assert all(gone.id not in s.items for s in left.sentences)


@pytest.mark.model
@pytest.mark.parametrize(
    "text",
    [
        "Ann said: “I live in a small flat in Kristiansand with two extraordinarily talkative cockatoos”.",
        "Ich wohne in Übach-Palenberg und mag Rhabarberstreuselkuchen.",
        "私は東京に住んでいます。猫が好きです。 Я живу в Москве. 🙂🙂",
        "call +47 123 45 678 or mail a.b_c@example.org!!! (2026-03-14)",
    ],
)
def test_tokens_are_no_fewer_than_the_models(text: str) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(find_model("tiny", DEFAULT_CACHE.expanduser()))
    assert len(tokenizer(text)["input_ids"]) <= tokens(text)


def test_what_the_person_writes_is_taken_as_it_is() -> None:
    own = written("Call me Annie.\nKeep it short.", NOW)
    assert (own.text, own.by) == ("(As of 2026-03-14.) Call me Annie. Keep it short.", "person")
    assert written("  ", NOW).text == ""
    with pytest.raises(TooLongError, match="at most 256 tokens"):
        written("very " * 300, NOW)


def test_the_persons_edit_wins_over_every_inference() -> None:
    edit = Edit("Call me Annie.", NOW, HERE)
    found = in_force("Ann", [edit], [LIVES], HERE, NOW)
    assert found is not None
    assert found.sentences == (Sentence("Call me Annie."),)


def test_the_newest_edit_counts_and_an_empty_one_silences() -> None:
    older, newer = Edit("Call me Annie.", NOW - timedelta(days=1), None), Edit("", NOW, None)
    found = in_force("Ann", [newer, older], [LIVES], HERE, NOW)
    assert found is not None
    assert found.text == ""


def test_an_edit_reaches_no_larger_audience_and_nothing_inferred_takes_its_place() -> None:
    edit = Edit("Call me Annie.", NOW, HERE)
    assert in_force("Ann", [edit], [LIVES], HERE | {"cat"}, NOW) is None
    assert in_force("Ann", [edit], [LIVES], frozenset(), NOW) is None
    alone = in_force("Ann", [edit], [LIVES], frozenset({"ann"}), NOW)
    assert alone is not None
    assert alone.by == "person"
