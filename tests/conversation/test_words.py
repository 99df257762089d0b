from hypothesis import given
from hypothesis import strategies as st

from conversation.words import content


def test_words_that_tell_nothing_are_passed_over() -> None:
    assert content("I'm going to the market with Theo's basil") == ["market", "theo's", "basil"]


@given(st.text(max_size=100))
def test_words_come_in_small_letters_and_in_order(text: str) -> None:
    found, at = content(text), 0
    for word in found:
        assert word == word.lower()
        at = text.lower().index(word, at) + 1
