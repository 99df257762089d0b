import json
from typing import Any

import pytest

from bench.rating import QUESTIONS, THOUGHTS, Table, Timed, largest_difference, measure, summary, talk_of
from tests.inference.conftest import make_model, make_tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return make_tokenizer()


def test_thirty_calls_are_asked_for() -> None:
    assert len(THOUGHTS) * len(set(QUESTIONS)) == 30


def test_the_talk_has_about_the_tokens_asked_for(tokenizer: Any) -> None:
    messages = talk_of(tokenizer, 600).messages
    told = sum(len(tokenizer.encode(f"Ann: {m.text}\n", add_special_tokens=False)) for m in messages)
    assert 540 <= told <= 600


def test_separate_calls_find_what_the_tree_finds(tokenizer: Any) -> None:
    timed = measure(make_model(len(tokenizer)), tokenizer, 300, QUESTIONS[:2])
    assert [len(rows) for rows in timed.separate] == [2, 2, 2]
    assert largest_difference(timed.tree, timed.separate) < 1e-4
    assert timed.tree_tokens < timed.prompt_tokens
    result = summary(timed, "float32", None, "toy")
    assert json.loads(json.dumps(result))["calls"] == 6


def test_the_ratio_is_to_the_median_tree_and_differences_name_what_was_compared() -> None:
    half: Table = [[(0.5, 0.5)]]
    less: Table = [[(0.4, 0.6)]]
    timed = Timed([0.1, 0.1, 9.0], 4.0, half, less, 900, 90)
    result = summary(timed, "bfloat16", Timed([0.2], 8.0, less, less, 900, 90), "toy")
    assert result["ratio"] == 40.0
    assert result["max_abs_difference"] == 0.1
    assert result["max_abs_difference_float32"] == 0.0
    assert result["max_abs_difference_precision"] == 0.1
    assert result["compared"] == "tree and separate calls, both in bfloat16"
