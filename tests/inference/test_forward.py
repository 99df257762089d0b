from typing import Any

import pytest
import torch

from inference.forward import Forward
from inference.protocol import ModelUnavailableError
from inference.segment import Portion, Segment
from inference.tape import Tape
from inference.tree import ROOT, Tree
from tests.inference.conftest import make_model


def last(plain: Any, tokens: list[int]) -> torch.Tensor:
    """Hidden state of the last of `tokens`, by transformers alone."""
    with torch.inference_mode():
        hidden: torch.Tensor = plain.model(torch.tensor([tokens])).last_hidden_state[0, -1]
    return hidden


def read(forward: Forward, *segments: Segment, most: int = 10_000) -> None:
    """All of `segments`, together, in passes of at most `most` tokens each."""
    while portions := [Portion(s, min(most, s.left)) for s in segments if s.left]:
        forward.read(portions)


def near(one: torch.Tensor, other: torch.Tensor) -> None:
    torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("most", [1000, 100, 7])
def test_text_in_pieces_is_text_at_once(llama: Any, plain: Any, most: int) -> None:
    tape, text = Tape(), [5 + i % 200 for i in range(300)]
    segment = Segment(tape, text, ends=(ROOT,))
    read(Forward(llama), segment, most=most)
    assert tape.tokens == text
    near(segment.hidden[ROOT], last(plain, text))


def branching() -> tuple[Tree, list[int]]:
    tree = Tree()
    stem = tree.add(ROOT, [20, 21])
    return tree, [stem, tree.add(stem, [30, 31, 32]), tree.add(stem, [40]), tree.add(ROOT, [50, 51])]


def path(tree: Tree, node: int) -> list[int]:
    return [tree.tokens[i] for i in reversed(tree.path(node))]


@pytest.mark.parametrize("most", [100, 5, 3, 1])
def test_every_node_of_a_tree_reads_its_own_path_only(llama: Any, plain: Any, most: int) -> None:
    forward, tape, prefix = Forward(llama), Tape(), [9, 8, 7, 6]
    read(forward, Segment(tape, prefix[:2]))
    tree, nodes = branching()
    segment = Segment(tape, prefix[2:], tree, ends=(ROOT, *nodes))
    read(forward, segment, most=most)
    for node in (ROOT, *nodes):
        near(segment.hidden[node], last(plain, prefix + path(tree, node)))


@pytest.mark.parametrize("most", [100, 5, 3, 1])
@pytest.mark.parametrize("known", [0, 2, 5])
def test_a_branch_that_leaves_the_text_earlier_does_not_see_its_end(
    llama: Any, plain: Any, known: int, most: int
) -> None:
    forward, tape, text = Forward(llama), Tape(), [9, 8, 7, 6, 5, 4]
    if known:
        read(forward, Segment(tape, text[:known]))
    tree = Tree()
    nodes = [tree.add(ROOT, [20 + cut, 30, 31], cut) for cut in (0, 1, 4, 6)]
    read(forward, Segment(tape, text[known:], tree), most=most)
    later = [tree.add(node, [40, 41]) for node in nodes]
    after = Segment(tape, (), tree, start=12, ends=later)
    read(forward, after, most=most)
    for node in later:
        near(after.hidden[node], last(plain, text[: 6 - tree.cuts[node]] + path(tree, node)))


def test_a_tree_can_grow_after_it_was_read(llama: Any, plain: Any) -> None:
    forward, tape, tree = Forward(llama), Tape(), Tree()
    left, right = tree.add(ROOT, [20]), tree.add(ROOT, [30])
    read(forward, Segment(tape, [9, 8], tree))
    ends = [tree.add(left, [21]), tree.add(right, [31])]
    segment = Segment(tape, tree=tree, start=2, ends=ends)
    read(forward, segment)
    near(segment.hidden[ends[0]], last(plain, [9, 8, 20, 21]))
    near(segment.hidden[ends[1]], last(plain, [9, 8, 30, 31]))


@pytest.mark.parametrize("most", [100, 4])
def test_segments_of_one_pass_do_not_see_each_other(llama: Any, plain: Any, most: int) -> None:
    forward = Forward(llama)
    texts = [[9, 8, 7], [60 + i for i in range(20)], [5]]
    trees = [branching() for _ in texts]
    segments = [Segment(Tape(), text, tree, ends=nodes) for text, (tree, nodes) in zip(texts, trees, strict=True)]
    read(forward, *segments, most=most)
    for text, (tree, nodes), segment in zip(texts, trees, segments, strict=True):
        for node in nodes:
            near(segment.hidden[node], last(plain, text + path(tree, node)))


def test_set_back_leaves_no_trace_of_a_tree(llama: Any, plain: Any) -> None:
    forward, tape = Forward(llama), Tape()
    read(forward, Segment(tape, [9, 8], branching()[0]))
    tape.set_back(2)
    segment = Segment(tape, [7], ends=(ROOT,))
    read(forward, segment)
    near(segment.hidden[ROOT], last(plain, [9, 8, 7]))


def test_what_was_asked_and_drawn_comes_from_the_right_rows(llama: Any, plain: Any) -> None:
    with torch.inference_mode():
        known = plain(torch.tensor([[9, 8, 7]])).logits[0].log_softmax(-1)
    asked = Segment(Tape(), [9], asked=[(ROOT, 8), (ROOT, 300)])
    tree = Tree()
    end = tree.add(ROOT, [8, 7])
    drawn = Segment(Tape(), [9], tree, draws=(end,), asked=[(0, 7)])
    read(Forward(llama), asked, drawn)
    assert asked.found[ROOT, 300] == pytest.approx(float(known[0, 300]), abs=1e-4)
    assert drawn.found[0, 7] == pytest.approx(float(known[1, 7]), abs=1e-4)
    top = drawn.tops[end]
    assert int(top.tokens[0]) == int(known[2].argmax())
    assert float(top.logits[0]) - top.total == pytest.approx(float(known[2].max()), abs=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_comes_next_is_exact_in_every_precision(tokenizer: Any, dtype: torch.dtype) -> None:
    llama = make_model(len(tokenizer) + 5).to(dtype)
    hidden = (3 * torch.randn(4, 64)).to(dtype)
    pairs = [(row, token) for row in (0, 2, 3) for token in (1, 7, 300)]
    known = (hidden.double() @ llama.lm_head.weight.detach().double().T).log_softmax(-1)
    found = Forward(llama).head.log_next(hidden, pairs)
    assert found == pytest.approx([float(known[pair]) for pair in pairs], abs=0.005)
    assert Forward(llama).head.log_next(hidden, []) == []


def test_in_bf16_a_pass_of_many_is_near_each_alone(tokenizer: Any) -> None:
    forward = Forward(make_model(len(tokenizer) + 5, initializer_range=0.1).to(torch.bfloat16))
    tree, nodes = branching()
    together = [Segment(Tape(), [9, 8, n], tree, ends=nodes, asked=[(node, 7) for node in nodes]) for n in range(5, 9)]
    read(forward, *together)
    for segment in together:
        alone = Segment(Tape(), segment.text, tree, asked=segment.asked)
        read(forward, alone)
        assert [segment.found[p] for p in segment.asked] == pytest.approx(
            [alone.found[p] for p in alone.asked], abs=0.05
        )


def test_a_model_that_cannot_be_set_back_is_refused() -> None:
    llama = make_model(64)
    llama.config.layer_types = ["full_attention", "linear_attention"]
    with pytest.raises(ModelUnavailableError, match="linear_attention"):
        Forward(llama)


def test_a_sliding_window_bounds_the_context() -> None:
    llama = make_model(64)
    llama.config.layer_types = ["full_attention", "sliding_attention"]
    llama.config.sliding_window = 100
    assert Forward(llama).context == 100
