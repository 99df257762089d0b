"""The hunch: a forest and networks."""

from dataclasses import replace

import numpy as np
import pytest

from conversation.events import EVENT, STEPS
from heuristics.facts import hunch
from heuristics.forest import MISSING
from heuristics.hunch import REACH, padded, parse, placed, written

EVENTS = [tuple(np.random.default_rng(n).random(len(EVENT)).tolist()) for n in range(4)]


def test_numbers_are_placed_among_those_of_real_chats() -> None:
    found = placed(np.array([[0.0, 5.0], [3.0, 5.0], [99.0, 6.0]]), ((0.0, 2.0, 4.0), (5.0,)))
    assert found[:, 0] == pytest.approx([-REACH, REACH / 2, REACH])
    assert not found[:, 1].any()


def test_before_the_first_event_there_was_nothing() -> None:
    found = padded(EVENTS)
    assert found.shape == (STEPS, len(EVENT))
    assert not found[: STEPS - 4].any()
    assert found[-1] == pytest.approx(EVENTS[-1])


def test_what_is_shipped_is_read_as_it_was_written() -> None:
    again = parse(written(hunch()))
    numbers = {"turns": 3.0, "owed": 0.5}
    assert again.of(numbers, EVENTS) == hunch().of(numbers, EVENTS)
    assert again.forest == hunch().forest


def test_it_is_the_mean_of_what_networks_say_and_what_the_forest_says_beyond_the_maps() -> None:
    whole = replace(hunch(), maps={"turns": ((0.0, 1.0), (4.0, -1.0))}, bias=-2.0)
    for numbers, mapped in ({}, -2.0), ({"turns": 3.0}, -2.5):
        row = np.array([[numbers.get(name, MISSING) for name in whole.forest.names]])
        read = whole.nets.of(padded(EVENTS)[None], placed(row, whole.knots))[0]
        assert whole.of(numbers, EVENTS) == pytest.approx((whole.forest.of(numbers) - mapped + read) / 2)
