import torch

from inference.tape import STEP, Tape

LAYERS = 2


def written(tape: Tape, tokens: list[int]) -> None:
    """Put `tokens` on the tape; keys and values spell them, so a misplaced copy shows."""
    tape.reserve(len(tokens))
    states = torch.tensor(tokens, dtype=torch.float32).reshape(1, -1, 1)
    for layer in range(LAYERS):
        tape.write(layer, (states, states + 0.5))
    tape.advance(len(tokens), tokens)


def kept(tape: Tape) -> list[list[float]]:
    """What the tape gives attention to read, of every layer, keys then values, before one more token."""
    nothing = torch.zeros(1, 0, 1)
    return [t.flatten().tolist() for layer in range(LAYERS) for t in tape.write(layer, (nothing, nothing))]


def test_what_is_written_is_read() -> None:
    tape = Tape()
    written(tape, [1, 2])
    written(tape, [3])
    assert tape.tokens == [1, 2, 3]
    assert kept(tape) == [[1, 2, 3], [1.5, 2.5, 3.5]] * LAYERS


def test_set_back_forgets_text_and_tree() -> None:
    tape = Tape()
    written(tape, [1, 2, 3])
    tape.advance(5)
    tape.set_back(2)
    assert (tape.tokens, tape.length) == ([1, 2], 2)
    written(tape, [9])
    assert kept(tape)[0] == [1, 2, 9]


def test_set_back_to_more_than_there_is_drops_the_tree_only() -> None:
    tape = Tape()
    written(tape, [1])
    tape.advance(3)
    tape.set_back(10)
    assert tape.length == 1


def test_it_grows_in_steps_and_keeps_what_was_written() -> None:
    tape, text = Tape(), list(range(STEP - 1))
    written(tape, text)
    assert tape.capacity == STEP
    written(tape, [7, 8])
    assert tape.capacity == 2 * STEP
    assert kept(tape)[0] == [*text, 7, 8]


def test_it_shrinks_to_its_text() -> None:
    tape = Tape()
    written(tape, [1, 2])
    tape.reserve(3 * STEP)
    large = tape.bytes
    assert tape.shrink()
    assert not tape.shrink()
    assert tape.bytes < large
    assert kept(tape)[0] == [1, 2]


def test_a_tape_branches_off_without_a_tie() -> None:
    tape = Tape()
    written(tape, [1, 2, 3])
    other = tape.branch_off(2)
    written(other, [7])
    assert kept(other)[:2] == [[1, 2, 7], [1.5, 2.5, 7.5]]
    assert kept(tape)[0] == [1, 2, 3]


def test_it_is_the_same_after_moving() -> None:
    tape = Tape()
    written(tape, [1, 2, 3])
    tape.move(torch.device("cpu"))
    written(tape, [4])
    assert kept(tape)[:2] == [[1, 2, 3, 4], [1.5, 2.5, 3.5, 4.5]]
