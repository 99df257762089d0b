from typing import Any

import pytest
import torch
from transformers import Olmo2ForCausalLM

from inference.decoder import Decoder
from inference.forward import Forward
from inference.packed import PackedLinear, pack
from inference.segment import Portion, Segment
from inference.tape import Tape
from inference.tree import ROOT, Tree
from tests.inference.test_int8_decoder import MODELS, TOKENS, last, log_next, made


@pytest.mark.parametrize(("kind", "config", "changes"), MODELS)
def test_it_is_as_near_the_model_in_float32_as_transformers_own_bf16(kind: Any, config: Any, changes: Any) -> None:
    exact = log_next(made(kind, config, changes))
    model = made(kind, config, changes).bfloat16()
    theirs = log_next(model)
    pack(model)
    ours = log_next(model)
    assert isinstance(model.base_model, Decoder) == (kind is not Olmo2ForCausalLM)
    assert float((ours - exact).abs().mean()) <= 2 * float((theirs - exact).abs().mean()) + 0.02
    assert float((exact.exp() * (exact - ours)).sum()) < 0.01


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("rows", [1, 3, 70])
def test_a_packed_layer_is_the_layer(bias: bool, rows: int) -> None:
    torch.manual_seed(1)
    layer = torch.nn.Linear(48, 80, bias=bias)
    packed = PackedLinear(layer.weight, layer.bias if bias else None)
    x = torch.randn(rows, 48)
    torch.testing.assert_close(packed(x), layer.bfloat16()(x.bfloat16()), atol=0.02, rtol=0.02)


def test_where_no_bf16_is_multiplied_the_same_numbers_are_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.packed.multiplies_bf16", lambda: False)
    torch.manual_seed(1)
    layer = torch.nn.Linear(48, 80)
    packed = PackedLinear(layer.weight, layer.bias)
    assert packed.weight.dtype == torch.float32
    x, rounded = torch.randn(3, 48).bfloat16(), layer.bfloat16().float()
    assert torch.equal(packed(x.float()), rounded(x.float()).bfloat16())
    assert packed(x).dtype == torch.bfloat16


def test_nothing_is_kept_twice() -> None:
    model = made(*MODELS[0]).bfloat16()
    before = sum(p.numel() for p in model.parameters())
    pack(model)
    tensors = {id(t): t.numel() for t in (*model.parameters(), *model.buffers())}
    assert sum(tensors.values()) < 1.01 * before
    assert not any(p.is_meta for p in (*model.parameters(), *model.buffers()))


def test_a_branch_in_a_tree_is_the_branch_alone() -> None:
    model = made(*MODELS[2]).bfloat16()
    pack(model)
    forward, tree = Forward(model), Tree()
    ends = [tree.add(ROOT, [20 + n, 21, 22]) for n in range(9)]
    segment = Segment(Tape(), TOKENS, tree, ends=ends)
    forward.read([Portion(segment, segment.left)])
    for n, end in enumerate(ends):
        alone = last(forward, Tape(), [*TOKENS, 20 + n, 21, 22])
        torch.testing.assert_close(segment.hidden[end], alone, atol=0.05, rtol=0.05)


def test_tapes_stay_in_bf16() -> None:
    model = made(*MODELS[0]).bfloat16()
    pack(model)
    tape = Tape()
    last(Forward(model), tape, TOKENS)
    assert tape.bytes == 2 * 2 * 2 * 256 * 16 * 2
