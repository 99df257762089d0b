"""The last messages as they stand to one member."""

import pytest

from conversation.events import EVENT, STEPS, Events, events_of
from tests.conversation.test_standing import said

MESSAGES = said("ann: hello", "bob: ann: what is it?", "bob: !help", "ann: nothing")


def of(who: str) -> list[dict[str, float]]:
    return [dict(zip(EVENT, event, strict=True)) for event in events_of(MESSAGES, {}, who)]


def test_an_event_tells_whose_it_is_and_whom_it_calls() -> None:
    first, second, third, fourth = of("ann")
    assert (first["own"], second["own"], fourth["own"]) == (1, 0, 1)
    assert (second["calls"], second["calls_other"], second["question"]) == (1, 0, 1)
    assert (second["partners"], second["partner_of"], second["exchanged"]) == (1, 1, 0.5)
    assert (third["run"], third["sign"], fourth["turn_back"]) == (1, 1, 0)
    assert of("bob")[1]["calls_other"] == 1


def test_the_last_are_read_and_all_are_counted() -> None:
    many = said(*["ann: bob: look", "bob: yes"] * STEPS)
    read = events_of(many, {}, "ann")
    assert len(read) == STEPS
    assert read[-1][EVENT.index("partners")] == 1


def test_before_the_first_message_there_is_none() -> None:
    with pytest.raises(AssertionError, match="no message"):
        Events({}).of("ann")
