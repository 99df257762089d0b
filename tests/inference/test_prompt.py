import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.prompt import Part, one_line


@given(st.text())
def test_whatever_is_written_becomes_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@given(st.text())
def test_a_line_stays_as_it_is(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)


@pytest.mark.parametrize("brk", ["\n", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", "\n\n\n"])
def test_a_break_is_one_blank_and_parts_words(brk: str) -> None:
    assert one_line(f"a{brk}Bob: b") == "a Bob: b"


def test_blanks_at_the_ends_go() -> None:
    assert one_line("\n  a b \n") == "a b"


def test_a_part_is_our_own_words_to_the_model_unless_it_says_otherwise() -> None:
    assert Part("x") == Part("x", role="user", data=False)
    assert Part("x", data=True) != Part("x")
