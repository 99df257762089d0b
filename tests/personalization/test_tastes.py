"""People of two tastes and replies in seven attributes."""

import random
from pathlib import Path

import pytest

from personalization.tastes import (
    ATTRIBUTES,
    Reply,
    Taster,
    pairs,
    replies,
    tasters,
    words_for_training,
    words_in,
)

WORDS = words_for_training()
HELD_OUT = words_in(Path(__file__).parents[2] / "evals" / "phrasings" / "replies.json")


def test_there_are_84_people_of_two_traits() -> None:
    people = tasters()
    assert len(people) == len(set(people)) == 84
    assert all(len({a for a, _ in p.likes}) == 2 for p in people)


def test_a_reply_shows_its_ways() -> None:
    rng = random.Random(0)
    for reply in replies(WORDS, 50, rng):
        for attribute, way in reply.ways:
            if attribute != "length":
                assert any(m in reply.text for m in WORDS.marks[attribute][0 if way > 0 else 1])
    assert {a for r in replies(WORDS, 50, rng) for a, _ in r.ways} == set(ATTRIBUTES)


def test_nothing_that_is_measured_on_was_learned_from() -> None:
    own = {m for both in HELD_OUT.marks.values() for some in both for m in some} | {t[0] for t in HELD_OUT.topics}
    learned = {m for both in WORDS.marks.values() for some in both for m in some} | {t[0] for t in WORDS.topics}
    assert not own & learned


def test_people_mostly_choose_what_they_like() -> None:
    person = Taster((("humour", 1), ("length", -1)))
    funny, long = Reply(0, "", (("humour", 1),)), Reply(0, "", (("length", 1),))
    assert (person.liking(funny), person.liking(long)) == (1, -1)
    rng = random.Random(0)
    assert sum(person.prefers(funny, long, rng) for _ in range(300)) > 290
    assert sum(person.prefers(funny, funny, rng) for _ in range(300)) == pytest.approx(150, abs=30)


def test_pairs_answer_the_same_message() -> None:
    rng = random.Random(0)
    assert all(a.topic == b.topic and a != b for a, b in pairs(replies(WORDS, 100, rng), 60, rng))
