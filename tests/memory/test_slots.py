import pytest

from memory.slots import opposed, same_slot, slot


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("I moved to Berlin.", "I live in Paris."),
        ("I'm now living near Rome", "I moved to Berlin."),
        ("I work as a cook now", "I work at the bank."),
        ("My favourite colour is blue.", "my favourite colour is green"),
        ("I don't like olives any more.", "I like olives"),
        ("I hate olives", "I love olives!"),
        ("I'm 41", "I'm 40 years old"),
        ("I'm vegan now", "I'm a vegetarian"),
    ],
)
def test_two_values_of_one_thing(newer: str, older: str) -> None:
    assert same_slot(newer, older)


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("I like olives", "I like bread"),
        ("My favourite colour is blue.", "My favourite food is rice."),
        ("I live in Paris.", "I work in Paris."),
        ("I play chess", "I play the piano"),
        ("My sister is a nurse", "My brother is a nurse"),
        ("My sister is 30", "My sister is a nurse"),
        ("It rains.", "I live in Paris."),
    ],
)
def test_things_that_hold_beside_each_other(newer: str, older: str) -> None:
    assert not same_slot(newer, older)


def test_a_sentence_without_a_slot() -> None:
    assert slot("The weather is fine.") is None


def test_one_denies_and_the_other_does_not() -> None:
    assert opposed("I don't eat fish", "I eat fish")
    assert not opposed("I eat fish", "I eat a lot of fish")
