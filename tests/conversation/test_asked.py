import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.asked import KINDS, AskedError, Reading, asked, parse, shipped, write
from conversation.question import asking

PEOPLE = ("Ann", "Bob")


def towards(chance_of_world: float) -> list[float]:
    """A place that the shipped reading takes for the world's or for the talkers' own."""
    weights = shipped().place
    length = sum(w * w for w in weights) ** 0.5
    return [chance_of_world * w / length for w in weights]


WORLD, HERE = towards(1.0), towards(-1.0)


def test_without_an_embedding_that_it_knows_the_words_alone_count() -> None:
    for text in ("How hot is lava?", "Bats are blind, Bob laughs", "Where do I live?", "good morning"):
        assert asked(text, PEOPLE) == asked(text, PEOPLE, (1.0, 2.0)) == asking(text, PEOPLE)


def test_a_claim_that_no_phrase_gives_away_is_judging() -> None:
    assert asking("Funny that Bob never heard of it: bats are blind.", PEOPLE) == "other"
    assert asked("Funny that Bob never heard of it: bats are blind.", PEOPLE, WORLD) == "judging"
    assert asked("How hot is lava?", PEOPLE, WORLD) == "factual"


def test_what_is_asked_of_things_here_is_personal() -> None:
    assert asking("What is the boat's name?", PEOPLE) == "factual"
    assert asked("What is the boat's name?", PEOPLE, HERE) == "personal"
    assert asked("I think I'll stay at home.", PEOPLE, HERE) == "other"
    assert asked("Where do I live?", PEOPLE, HERE) == "personal"


def test_a_verdict_in_so_many_words_stays_one() -> None:
    assert asked("Am I wrong to read my sister's diary?", PEOPLE, HERE) == "judging"


@given(st.text(max_size=80), st.sampled_from([(), tuple(WORLD), tuple(HERE)]))
def test_any_text_is_answered(text: str, place: tuple[float, ...]) -> None:
    assert asked(text, PEOPLE, place) in KINDS


def test_what_is_written_is_read_again() -> None:
    reading = Reading(0.5, (0.25, -2.0), (0.0, 1.0, 2.0, 3.0))
    assert parse(write(reading)) == reading
    assert reading.chance((0.0, 0.0), "factual") == pytest.approx(0.6225, abs=1e-4)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"bias": 1, "words": {}, "width": 0, "place": ""}', "nonsense"])
def test_a_file_that_is_no_reading_is_refused(text: str) -> None:
    with pytest.raises(AskedError):
        parse(text)


def test_numbers_that_are_none_are_refused() -> None:
    document = json.loads(write(replace(shipped(), bias=float("inf"))))
    with pytest.raises(AskedError, match="finite"):
        parse(json.dumps(document))
