import gc
import weakref

import pytest
import torch

from inference import tape as tape_module
from inference.tape import Tape, Tapes, shared_length

LAYERS = 2


def written(tape: Tape, tokens: list[int]) -> None:
    """Put `tokens` on the tape; keys and values spell them, so a misplaced copy shows."""
    tape.reserve(len(tokens))
    states = torch.tensor(tokens, dtype=torch.float32).reshape(1, 1, -1, 1)
    for layer in range(LAYERS):
        tape.cache.update(states, states + 0.5, layer)
    tape.advance(len(tokens), tokens)


def kept(tape: Tape) -> list[list[float]]:
    """What the tape gives attention to read, of every layer, keys then values, before one more token."""
    tape.reserve(1)
    nothing = torch.zeros(1, 1, 0, 1)
    return [t.flatten().tolist() for layer in range(LAYERS) for t in tape.cache.update(nothing, nothing, layer)]


def test_what_is_written_is_read() -> None:
    tape = Tape(LAYERS)
    written(tape, [1, 2])
    written(tape, [3])
    assert tape.tokens == [1, 2, 3]
    assert kept(tape) == [[1, 2, 3], [1.5, 2.5, 3.5]] * LAYERS


def test_set_back_forgets_text_and_tree() -> None:
    tape = Tape(LAYERS)
    written(tape, [1, 2, 3])
    tape.advance(5)
    tape.set_back(2)
    assert (tape.tokens, tape.length) == ([1, 2], 2)
    written(tape, [9])
    assert kept(tape)[0] == [1, 2, 9]


def test_set_back_to_more_than_there_is_drops_the_tree_only() -> None:
    tape = Tape(LAYERS)
    written(tape, [1])
    tape.advance(3)
    tape.set_back(10)
    assert tape.length == 1


def test_growing_keeps_what_was_written() -> None:
    tape = Tape(LAYERS, capacity=2)
    written(tape, [1, 2])
    written(tape, [3])
    assert tape.capacity >= 3
    assert kept(tape)[0] == [1, 2, 3]


def test_a_tape_branches_off_without_a_tie() -> None:
    tape = Tape(LAYERS)
    written(tape, [1, 2, 3])
    other = tape.branch_off(2)
    written(other, [7])
    assert kept(other)[:2] == [[1, 2, 7], [1.5, 2.5, 7.5]]
    assert kept(tape)[0] == [1, 2, 3]


def test_transformers_is_told_the_length() -> None:
    tape = Tape(LAYERS)
    written(tape, [1, 2])
    assert tape.cache.get_seq_length() == 2
    assert tape.cache.get_mask_sizes(3, 0) == (5, 0)


def test_a_growing_prompt_goes_on_with_its_tape() -> None:
    tapes = Tapes(LAYERS)
    first = tapes.take([1, 2, 3])
    written(first, [1, 2, 3])
    assert tapes.take([1, 2, 3, 4]) is first
    assert first.tokens == [1, 2, 3]


def test_a_prompt_that_parts_late_sets_the_tape_back() -> None:
    tapes = Tapes(LAYERS)
    first = tapes.take([])
    written(first, [1, 2, 3, 4])
    assert tapes.take([1, 2, 9]) is first
    assert first.tokens == [1, 2]


def test_another_room_gets_a_tape_of_its_own_with_the_shared_start() -> None:
    tapes = Tapes(LAYERS)
    first = tapes.take([])
    written(first, [1, 2, 3, 4, 5, 6])
    other = tapes.take([1, 2, 9, 9])
    assert other is not first
    assert (first.tokens, other.tokens) == ([1, 2, 3, 4, 5, 6], [1, 2])
    assert kept(other)[0] == [1, 2]


def test_the_least_recently_used_goes_first() -> None:
    tapes = Tapes(LAYERS)
    made = []
    for n in range(tape_module.TAPES):
        made.append(tapes.take([n]))
        written(made[-1], [n, n, n])
    assert tapes.take([0, 0, 0]) is made[0]
    tapes.take([100])
    assert len(tapes) == tape_module.TAPES
    assert tapes.take([0, 0, 0]) is made[0]
    assert tapes.take([1, 1, 1]) is not made[1]


def test_the_budget_bounds_the_slots_but_never_the_tape_in_use() -> None:
    tapes = Tapes(LAYERS, budget=2048)
    for n in range(3):
        written(tapes.take([n]), [n, n, n])
    assert len(tapes) == 2
    long = tapes.take([50])
    long.reserve(5000)
    tapes.trim()
    assert len(tapes) == 1


def test_a_dropped_tape_frees_its_buffers_at_once() -> None:
    tapes = Tapes(LAYERS)
    gone = weakref.ref(tapes.take([1]))
    gc.disable()
    try:
        tapes.clear()
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [([], [], 0), ([1], [], 0), ([1, 2], [1, 3], 1), ([1, 2], [1, 2, 3], 2), ([2], [1], 0)],
)
def test_shared_length(one: list[int], other: list[int], shared: int) -> None:
    assert shared_length(one, other) == shared
