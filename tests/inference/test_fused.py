"""On a machine without AVX2 or without a compiler `fused` gives None, and what is compared is torch with itself."""

import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM

from inference import fused as subject
from inference.attention import Part
from inference.forward import Forward
from inference.fused import Fused, fused, instructions
from inference.packed import pack
from inference.segment import Portion, Segment
from inference.tape import Tape
from inference.tree import ROOT, Tree
from tests.inference.test_int8_decoder import made

SHAPES = [
    (
        LlamaForCausalLM,
        LlamaConfig,
        {"hidden_size": 192, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 64},
    ),
    (Qwen2ForCausalLM, Qwen2Config, {"hidden_size": 256, "num_attention_heads": 2, "num_key_value_heads": 1}),
    (LlamaForCausalLM, LlamaConfig, {"hidden_size": 64, "num_attention_heads": 4, "head_dim": 64, "mlp_bias": True}),
]


@pytest.fixture(scope="session", params=range(max(1, len(instructions()))))
def compiled(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Fused | None:
    """With each set of instructions that this processor has, the best first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subject, "instructions", lambda: instructions()[request.param :])
        return fused(tmp_path_factory.mktemp("compiled"))


def found(forward: Forward) -> list[float]:
    """Two rooms with trees in one pass, then a step of each: what was asked of every node."""
    segments = []
    for room in range(2):
        tree = Tree()
        ends = [tree.add(ROOT, [30 + n, 40 + room, 50]) for n in range(12)]
        text = [5 + 7 * i % 290 for i in range(300 * room + 41)]
        segments.append(Segment(Tape(), text, tree, asked=[(n, t) for n in (ROOT, *ends) for t in (3, 77)]))
    forward.read([Portion(s, s.left) for s in segments])
    steps = []
    for segment in segments:
        start = len(segment.tree)
        ends = [segment.tree.add(n, [9]) for n in range(3)]
        steps.append(Segment(segment.tape, (), segment.tree, start, draws=ends, asked=[(end, 77) for end in ends]))
    forward.read([Portion(s, s.left) for s in steps])
    return [value for s in (*segments, *steps) for value in s.found.values()]


@pytest.mark.parametrize(("kind", "config", "changes"), SHAPES)
@pytest.mark.parametrize("threads", [1, 2])
def test_it_computes_what_torch_does(
    kind: Any, config: Any, changes: Any, threads: int, compiled: Fused | None
) -> None:
    before = torch.get_num_threads()
    exact = torch.tensor(found(Forward(made(kind, config, changes))))
    plain, ours = (made(kind, config, changes).bfloat16() for _ in range(2))
    pack(plain)
    pack(ours, compiled)
    try:
        torch.set_num_threads(threads)
        theirs, mine = (torch.tensor(found(Forward(model))) for model in (plain, ours))
    finally:
        torch.set_num_threads(before)
    assert ours.base_model.fused is compiled
    assert float((mine - exact).abs().mean()) <= 1.5 * float((theirs - exact).abs().mean()) + 0.002
    assert float((mine - exact).abs().max()) <= 2 * float((theirs - exact).abs().max()) + 0.01


def test_a_layer_that_it_does_not_compute_is_left_to_torch(compiled: Fused | None) -> None:
    changes = {"hidden_size": 192, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 64}
    for kind, config, other in (
        (Qwen3ForCausalLM, Qwen3Config, changes),
        (LlamaForCausalLM, LlamaConfig, changes | {"head_dim": 32}),
        (LlamaForCausalLM, LlamaConfig, changes | {"hidden_act": "gelu"}),
    ):
        model = made(kind, config, other).bfloat16()
        pack(model, compiled)
        assert model.base_model.fused is None


def test_it_takes_a_model_whose_sides_are_all_whole_tiles(compiled: Fused | None) -> None:
    if compiled is None:
        pytest.skip("needs AVX2 and a C compiler: elsewhere torch multiplies")
    changes = {"hidden_size": 192, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 64}
    whole = {"intermediate_size": 256, "vocab_size": 320}
    for more, taken in (
        (whole, True),
        (whole | {"vocab_size": 300}, False),
        (whole | {"intermediate_size": 240}, False),
    ):
        assert compiled.takes(made(LlamaForCausalLM, LlamaConfig, changes | more)) == taken
    assert not compiled.takes(made(Qwen3ForCausalLM, Qwen3Config, changes | whole))


def test_the_likeliest_and_the_sum_of_all(compiled: Fused | None) -> None:
    torch.manual_seed(2)
    logits = (4 * torch.randn(5, 1003)).bfloat16()
    if compiled is not None:
        largest, where, totals = compiled.best(logits, 40)
        torch.testing.assert_close(largest, logits.float().topk(40).values)
        torch.testing.assert_close(logits.float().gather(1, where), largest)
        torch.testing.assert_close(totals, logits.float().logsumexp(1), atol=1e-3, rtol=1e-4)
        assert compiled.best(logits[:, :7].contiguous(), 40)[0].shape == (5, 7)


def test_it_is_compiled_once(tmp_path: Path, compiled: Fused | None) -> None:
    first = fused(tmp_path)
    files = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    assert (first is None) == (compiled is None) == (not files)
    fused(tmp_path)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == files


def test_what_was_compiled_before_needs_no_compiler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled: Fused | None
) -> None:
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler")
    assert subject.main([str(tmp_path)]) == 0
    assert len(list(tmp_path.glob("*.so"))) == 4
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert (fused(tmp_path) is None) == (compiled is None)
    with pytest.raises(SystemExit, match="1"):
        subject.main([str(tmp_path / "elsewhere")])


def test_where_nothing_compiles_torch_computes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(subject, "instructions", lambda: [("-mavx2",)])
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert fused(tmp_path) is None
    assert not caplog.records
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/false")
    with caplog.at_level(logging.WARNING):
        assert fused(tmp_path) is None
    assert "fused.c and products.c were not compiled" in caplog.text
    assert not list(tmp_path.iterdir())
    # Where nothing can be written, nothing is compiled either.
    (tmp_path / "file").touch()
    assert fused(tmp_path / "file") is None
    monkeypatch.setattr(subject, "instructions", list)
    assert fused(tmp_path) is None


def attended(compiled: Fused, rooms: list[Tape], alone: bool = False) -> torch.Tensor:
    """What 3 rows of each room see in a layer of 4 heads in 2 groups: [rows, 4 × 64]. The rows are the same each time."""
    groups, size, rows = 2, 64, 3
    torch.manual_seed(5)
    mixed = torch.randn(rows * len(rooms), (2 * groups + 2 * groups) * size).bfloat16()
    turns = torch.polar(torch.ones(len(mixed), size // 2), torch.randn(len(mixed), size // 2))
    blank = torch.zeros(rows, rows).masked_fill(~torch.eye(rows, dtype=torch.bool), torch.finfo(torch.bfloat16).min)
    found = []
    for some in [[n] for n in range(len(rooms))] if alone else [list(range(len(rooms)))]:
        parts = []
        for place, n in enumerate(some):
            rooms[n].reserve(rows)
            parts.append(Part(rooms[n], range(rows * place, rows * (place + 1)), blank))
        here = slice(rows * some[0], rows * (some[-1] + 1))
        found.append(compiled.attention(parts, turns[here].contiguous(), 4, groups, 0.125)(0, mixed[here].contiguous()))
    return torch.cat(found)


def grown(compiled: Fused, tape: Tape, texts: int) -> Tape:
    torch.manual_seed(texts)
    tape.reserve(texts)
    mask = torch.zeros(texts, texts).masked_fill(~torch.ones(texts, texts).tril().bool(), -1e38)
    mixed, turns = torch.randn(texts, 8 * 64).bfloat16(), torch.ones(texts, 32, dtype=torch.complex64)
    compiled.attention([Part(tape, range(texts), mask)], turns, 4, 2, 0.125)(0, mixed)
    tape.advance(texts, range(texts))
    return tape


def test_what_tapes_begin_with_alike_is_read_once_and_a_row_adds_up_the_same(compiled: Fused | None) -> None:
    if compiled is None:
        pytest.skip("needs AVX2 and a C compiler: torch reads every tape on its own")
    head = grown(compiled, Tape(), 75)
    rooms = [grown(compiled, head.branch_off(70), 40 + 300 * n) for n in range(3)]
    apart = attended(compiled, rooms)
    for room in rooms[:2]:
        room.comes_from(head, 70)
    torch.testing.assert_close(attended(compiled, rooms), apart, atol=0.02, rtol=0.02)
    assert torch.equal(attended(compiled, rooms), attended(compiled, rooms, alone=True))
    # It is the origin that is read where two stand together: 64 slots, which are whole blocks.
    for tensor in head.buffers(0, (apart, apart)):
        tensor[:, :64] = 0
    moved = (attended(compiled, rooms) - attended(compiled, rooms, alone=True)).abs().amax(1) > 0
    assert moved.tolist() == [True] * 6 + [False] * 3
