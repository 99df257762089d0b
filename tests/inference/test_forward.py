from typing import Any

import pytest
import torch

from inference.forward import CHUNK, Forward
from inference.protocol import ModelUnavailableError
from inference.tape import Tape
from inference.transformers_engine import never_stops
from inference.tree import ROOT, Tree
from tests.inference.conftest import make_model


def alone(llama: Any, tokens: list[int]) -> torch.Tensor:
    """Hidden state of the last of `tokens`, read in one plain pass without a cache."""
    with torch.inference_mode():
        hidden: torch.Tensor = llama.model(torch.tensor([tokens])).last_hidden_state[0, -1]
    return hidden


def test_text_in_pieces_is_text_at_once(llama: Any) -> None:
    forward, tape = Forward(llama), Tape(2)
    text = [5 + i % 200 for i in range(CHUNK + 37)]
    forward.text(tape, text[:20], never_stops)
    last = forward.text(tape, text[20:], never_stops)
    assert tape.tokens == text
    torch.testing.assert_close(last[0], alone(llama, text), atol=1e-4, rtol=1e-4)


def test_every_node_of_a_tree_reads_its_own_path_only(llama: Any) -> None:
    forward, tape, tree = Forward(llama), Tape(2), Tree()
    prefix = [9, 8, 7, 6]
    forward.text(tape, prefix, never_stops)
    stem = tree.add(ROOT, [20, 21])
    nodes = [stem, tree.add(stem, [30, 31, 32]), tree.add(stem, [40]), tree.add(ROOT, [50, 51])]
    hidden = forward.tree(tape, tree, 0, never_stops)
    for node in nodes:
        path = [tree.tokens[i] for i in reversed(tree.path(node))]
        torch.testing.assert_close(hidden[node], alone(llama, prefix + path), atol=1e-4, rtol=1e-4)


def test_a_tree_can_grow_after_it_was_read(llama: Any) -> None:
    forward, tape, tree = Forward(llama), Tape(2), Tree()
    forward.text(tape, [9, 8], never_stops)
    left, right = tree.add(ROOT, [20]), tree.add(ROOT, [30])
    forward.tree(tape, tree, 0, never_stops)
    tree.add(left, [21])
    tree.add(right, [31])
    hidden = forward.tree(tape, tree, 2, never_stops)
    torch.testing.assert_close(hidden[0], alone(llama, [9, 8, 20, 21]), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(hidden[1], alone(llama, [9, 8, 30, 31]), atol=1e-4, rtol=1e-4)


def test_a_large_tree_is_read_in_several_passes(llama: Any) -> None:
    forward, tape, tree = Forward(llama), Tape(2), Tree()
    forward.text(tape, [9], never_stops)
    ends = [tree.add(ROOT, [20 + b] + [5 + i for i in range(60)]) for b in range(CHUNK // 50)]
    assert len(tree) > CHUNK
    hidden = forward.tree(tape, tree, 0, never_stops)
    torch.testing.assert_close(
        hidden[ends[-1]], alone(llama, [9, 20 + len(ends) - 1, *range(5, 65)]), atol=1e-4, rtol=1e-4
    )


def test_set_back_leaves_no_trace_of_a_tree(llama: Any) -> None:
    forward, tape, tree = Forward(llama), Tape(2), Tree()
    forward.text(tape, [9, 8], never_stops)
    tree.add(ROOT, [20, 21, 22])
    forward.tree(tape, tree, 0, never_stops)
    tape.set_back(2)
    torch.testing.assert_close(forward.text(tape, [7], never_stops)[0], alone(llama, [9, 8, 7]), atol=1e-4, rtol=1e-4)


def test_an_empty_tree_has_no_rows(llama: Any) -> None:
    forward, tape = Forward(llama), Tape(2)
    forward.text(tape, [9], never_stops)
    assert forward.tree(tape, Tree(), 0, never_stops).shape == (0, 64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_comes_next_is_exact_in_every_precision(tokenizer: Any, dtype: torch.dtype) -> None:
    llama = make_model(len(tokenizer) + 5).to(dtype)
    hidden = (3 * torch.randn(4, 64)).to(dtype)
    pairs = [(row, token) for row in (0, 2, 3) for token in (1, 7, 300)]
    known = (hidden.double() @ llama.lm_head.weight.detach().double().T).log_softmax(-1)
    found = Forward(llama).log_next(hidden, pairs)
    assert found == pytest.approx([float(known[pair]) for pair in pairs], abs=0.005)
    assert Forward(llama).log_next(hidden, []) == []


def test_cancelled_between_passes_keeps_what_was_read(llama: Any) -> None:
    class StopError(Exception):
        pass

    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise StopError

    forward, tape = Forward(llama), Tape(2)
    with pytest.raises(StopError):
        forward.text(tape, [5] * (CHUNK + 1), check)
    assert len(tape.tokens) == CHUNK


def test_a_model_that_cannot_be_set_back_is_refused() -> None:
    llama = make_model(64)
    llama.config.layer_types = ["full_attention", "linear_attention"]
    with pytest.raises(ModelUnavailableError, match="linear_attention"):
        Forward(llama)
