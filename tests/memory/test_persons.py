import pytest

from memory.persons import persons, together


def test_people_are_known_by_what_they_are_to_somebody() -> None:
    assert persons("My mum's boss and two kids") == {"mother", "boss", "kid"}
    assert persons("the children, and nobody else") == {"kid"}
    assert persons("the bus was late") == frozenset()


@pytest.mark.parametrize(
    ("scope", "message", "found"),
    [
        ("with my kids", "My daughter is here.", 1),
        ("around my mother-in-law", "The in-laws are coming.", 1),
        ("with my boss", "I meet a friend.", -1),
        ("with my kids", "I'm alone, the kids are away.", -1),
        ("with my boss", "It's raining.", 0),
        ("at work", "I meet a friend.", 0),
        ("as a doctor", "A patient asks me.", 0),
    ],
)
def test_two_texts_are_of_the_same_people_or_of_others(scope: str, message: str, found: int) -> None:
    assert together(scope, message) == found
