"""A message is a value: equal when its fields are, never changed in place."""

from dataclasses import FrozenInstanceError, replace

import pytest

from tests.conversation.build import ANN, message


def test_a_message_cannot_be_changed_in_place() -> None:
    said = message(1, ANN, "hi")
    with pytest.raises(FrozenInstanceError):
        said.text = "bye"  # type: ignore[misc]


def test_messages_are_equal_by_value_and_differ_by_text() -> None:
    assert message(1, ANN, "hi") == message(1, ANN, "hi")
    assert replace(message(1, ANN, "hi"), text="ho") != message(1, ANN, "hi")


def test_a_message_answers_nothing_unless_it_says_so() -> None:
    assert message(2, ANN).reply_to is None
    assert message(2, ANN, reply_to="m1").reply_to == "m1"
