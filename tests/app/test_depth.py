"""Nesting, without parsing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.depth import DEPTH, too_deep

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


def depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


@given(value=JSON, wrapped=st.integers(0, 2 * DEPTH))
def test_it_is_the_depth_of_what_the_text_says(value: object, wrapped: int) -> None:
    for _ in range(wrapped):
        value = [value]
    assert too_deep(json.dumps(value)) == (depth(value) > DEPTH)


@pytest.mark.parametrize("bracket", ["[", "{", '{"a":', "[[}"])
def test_a_text_that_never_closes_is_deep(bracket: str) -> None:
    assert too_deep(bracket * 20_000)


def test_brackets_in_strings_do_not_count() -> None:
    assert not too_deep(json.dumps("[" * 1000))
    assert not too_deep(json.dumps(['"\\' + "{" * 1000, "\\"]))


@pytest.mark.parametrize("text", ['"' + '\\"' * 500_000, '"' + "\\" * 999_999, '"' * 999_999, "[" + '"\\' * 400_000])
def test_a_text_of_quotes_takes_no_longer_than_another(text: str) -> None:
    too_deep("[" * (DEPTH + 1) + text)  # quadratic, it would take hours
