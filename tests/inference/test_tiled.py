"""On a processor without AVX2, or without a compiler, layers stay in oneDNN's layout."""

from collections.abc import Iterator

import pytest
import torch
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

from inference.forward import Forward
from inference.fused import Fused, fused
from inference.packed import Linears, PackedLinear, pack
from inference.segment import Portion, Segment
from inference.tape import Tape
from inference.tiled import TiledGates, TiledLinear, tiles
from inference.tree import ROOT, Tree
from tests.inference.test_int8_decoder import TOKENS, last, made

ROWS = (1, 3, 16, 17, 33, 70)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Fused:
    found = fused(tmp_path_factory.mktemp("compiled"))
    if found is None:
        pytest.skip("needs AVX2 and a C compiler: elsewhere torch multiplies")
    return found


@pytest.fixture(params=[1, 2])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def layer(width: int, out: int, bias: bool) -> tuple[torch.Tensor, torch.Tensor | None]:
    torch.manual_seed(4)
    return (0.1 * torch.randn(out, width)).bfloat16(), torch.randn(out) if bias else None


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("rows", ROWS)
def test_a_layer_in_tiles_is_the_layer(compiled: Fused, rows: int, bias: bool) -> None:
    weight, offset = layer(96, 160, bias)
    x = torch.randn(rows, 96).bfloat16()
    expected = functional.linear(x.float(), weight.float(), offset)
    found = TiledLinear(compiled, weight, offset)(x)
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), expected, atol=0.02, rtol=0.01)
    # A row is the same whatever else is in the pass.
    assert torch.equal(TiledLinear(compiled, weight, offset)(x[-1:]), found[-1:])


def test_every_number_of_rows_is_multiplied(compiled: Fused) -> None:
    weight, offset = layer(96, 192, True)
    x = torch.randn(40, 96).bfloat16()
    linear, gates = TiledLinear(compiled, weight, offset), TiledGates(compiled, weight, offset)
    expected = functional.linear(x.float(), weight.float(), offset)
    opened, values = expected.chunk(2, dim=-1)
    whole, through = linear(x), gates.gated(x)
    torch.testing.assert_close(whole.float(), expected, atol=0.02, rtol=0.01)
    torch.testing.assert_close(through.float(), functional.silu(opened) * values, atol=0.02, rtol=0.01)
    for rows in range(1, 40):
        assert torch.equal(linear(x[:rows]), whole[:rows]), rows
        assert torch.equal(gates.gated(x[:rows]), through[:rows]), rows


def test_more_dimensions_and_other_types_are_taken(compiled: Fused) -> None:
    weight, offset = layer(64, 96, True)
    x = torch.randn(2, 5, 64)
    found = TiledLinear(compiled, weight, offset)(x)
    torch.testing.assert_close(found.float(), functional.linear(x, weight.float(), offset), atol=0.05, rtol=0.02)
    assert torch.equal(TiledLinear(compiled, weight, offset)(x.transpose(0, 1)).transpose(0, 1), found)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("rows", ROWS)
def test_gates_let_through_as_silu_does(compiled: Fused, rows: int, bias: bool) -> None:
    weight, offset = layer(64, 2 * 96, bias)
    x = torch.randn(rows, 64).bfloat16()
    gates, values = functional.linear(x.float(), weight.float(), offset).chunk(2, dim=-1)
    both = TiledGates(compiled, weight, offset)
    torch.testing.assert_close(both.gated(x).float(), functional.silu(gates) * values, atol=0.02, rtol=0.01)
    torch.testing.assert_close(both(x).float(), torch.cat([gates, values], -1), atol=0.02, rtol=0.01)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("rows", ROWS)
def test_the_likeliest_and_the_sum_of_all_without_writing_all_of_it(compiled: Fused, rows: int, bias: bool) -> None:
    weight, offset = layer(64, 1024, bias)
    x = 4 * torch.randn(rows, 64)
    linear = TiledLinear(compiled, weight, offset)
    logits = functional.linear(x.bfloat16().float(), weight.float(), offset)
    largest, where, totals = linear.likeliest(x, 40)
    torch.testing.assert_close(largest, logits.topk(40).values, atol=1e-3, rtol=1e-4)
    torch.testing.assert_close(logits.gather(1, where), largest, atol=1e-3, rtol=1e-4)
    torch.testing.assert_close(totals, logits.logsumexp(1), atol=1e-3, rtol=1e-4)
    none, _, alone = linear.likeliest(x, 0)
    assert none.shape == (rows, 0)
    assert torch.equal(alone, totals)
    assert linear.likeliest(x, 2000)[0].shape == (rows, 1024)


def test_layers_in_one_call_are_the_layers_one_by_one(compiled: Fused) -> None:
    sides = {"hidden_size": 192, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 64}
    model = made(LlamaForCausalLM, LlamaConfig, sides | {"intermediate_size": 256, "mlp_bias": True}).bfloat16()
    pack(model, compiled)
    together = last(Forward(model), Tape(), TOKENS)
    assert model.base_model._tiled is not None
    model.base_model._tiled = None
    assert torch.equal(last(Forward(model), Tape(), TOKENS), together)


def test_the_first_layers_in_one_call_are_the_first_of_the_model(compiled: Fused) -> None:
    sides = {"hidden_size": 192, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 64}
    model = made(LlamaForCausalLM, LlamaConfig, sides | {"intermediate_size": 256, "num_hidden_layers": 5})
    with torch.inference_mode():
        known = model.model(torch.tensor([TOKENS]), output_hidden_states=True, use_cache=False).hidden_states[3][0, -1]
    model = model.bfloat16()
    pack(model, compiled)
    forward, tree = Forward(model), Tree()
    end = tree.add(ROOT, TOKENS)

    def half() -> torch.Tensor:
        segment = Segment(Tape(), tree=tree, ends=[end], halfway=True)
        forward.read([Portion(segment, segment.left)])
        return segment.hidden[end]

    together = half()
    assert forward._half._tiled is not None
    forward._half._tiled = None
    assert torch.equal(half(), together)
    assert (together - known).norm() / known.norm() < 0.05  # what bf16 leaves of it


def test_what_has_no_whole_tiles_stays_in_onednns_layout(compiled: Fused) -> None:
    linears = Linears(compiled)
    for width, out, tiled in ((64, 96, True), (48, 96, False), (64, 80, False)):
        weight, bias = layer(width, out, True)
        assert tiles(compiled, weight) == tiled
        assert isinstance(linears.make(weight, bias), TiledLinear if tiled else PackedLinear)
        assert isinstance(linears.make_gates(weight, bias), TiledGates if tiled else PackedLinear)


def test_without_compiled_functions_there_are_no_tiles() -> None:
    weight, bias = layer(64, 96, False)
    assert not tiles(None, weight)
    assert isinstance(Linears(None).make(weight, bias), PackedLinear)
    assert isinstance(Linears(None).make_gates(weight, bias), PackedLinear)
