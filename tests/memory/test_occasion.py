import math
from dataclasses import replace

import pytest

from memory.occasion import OUTSIDE, TIMED, WITHIN, Signs, chance, reading, sentences, signs
from memory.scope import Scope
from tests.memory.build import START

AT_WORK = Scope("at work", "I only wear black")
NEAR, FAR = Signs(0.7, 0.6, 1.0), Signs(0.0, 0.0, 0.0)


def test_what_is_near_is_within_and_what_is_far_is_outside() -> None:
    assert reading(AT_WORK, chance(NEAR)).fit == "within"
    assert reading(AT_WORK, chance(FAR)).fit == "outside"
    assert reading(AT_WORK, (WITHIN + OUTSIDE) / 2).fit == "unclear"


def test_an_exception_is_the_other_way_round() -> None:
    assert reading(replace(AT_WORK, holds=False), chance(NEAR)).fit == "outside"
    assert reading(replace(AT_WORK, holds=False), chance(FAR)).fit == "within"


def test_a_time_that_both_name_decides() -> None:
    assert chance(replace(FAR, time=1)) == pytest.approx(TIMED)
    assert chance(replace(NEAR, time=-1)) == pytest.approx(1 - TIMED)


def test_a_model_that_says_yes_makes_it_likelier() -> None:
    between = Signs(0.3, 0.3, 0.0)
    assert chance(replace(between, told=2.0)) > chance(replace(between, told=-2.0))


def test_the_nearest_sentence_counts_and_shared_words() -> None:
    up, right = (0.0, 1.0), (1.0, 0.0)
    slanted = (math.sqrt(0.5), math.sqrt(0.5))
    found = signs(AT_WORK, "I'm at my work. Red or black?", START, up, slanted, [right, up])
    assert found.nearest == pytest.approx(1.0)
    assert found.whole == pytest.approx(math.sqrt(0.5))
    assert found.shared == 1.0


def test_a_message_comes_apart_where_sentences_end() -> None:
    assert sentences("It's Monday. Tea or coffee?") == ("It's Monday.", "Tea or coffee?")
    assert sentences("") == ("",)
