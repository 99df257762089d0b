from typing import Any

import pytest
import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    Olmo2Config,
    Olmo2ForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from inference.decoder import Decoder
from inference.forward import Forward
from inference.int8 import Int8Linear
from inference.int8_decoder import to_int8
from inference.segment import Portion, Segment
from inference.tape import Tape
from inference.transformers_engine import LocalModel
from inference.tree import ROOT, Tree

SHAPE: dict[str, Any] = {
    "vocab_size": 300,
    "hidden_size": 96,
    "intermediate_size": 160,
    "num_hidden_layers": 2,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "initializer_range": 0.15,
    "attn_implementation": "sdpa",
}
MODELS = [
    (LlamaForCausalLM, LlamaConfig, {"tie_word_embeddings": True}),
    (LlamaForCausalLM, LlamaConfig, {"attention_bias": True, "mlp_bias": True}),
    (Qwen2ForCausalLM, Qwen2Config, {"tie_word_embeddings": True}),
    (Qwen3ForCausalLM, Qwen3Config, {}),
    (Olmo2ForCausalLM, Olmo2Config, {}),
]
TOKENS = [5 + 7 * i % 290 for i in range(40)]


def made(kind: Any, config: Any, changes: dict[str, Any]) -> Any:
    shape = {k: v for k, v in (SHAPE | changes).items() if k != "head_dim" or kind is not Qwen2ForCausalLM}
    torch.manual_seed(3)
    model = kind(config(**shape)).eval()
    for name, parameter in model.named_parameters():
        if "norm" in name or name.endswith("bias"):
            torch.nn.init.normal_(parameter, 1.0 if "norm" in name else 0.0, 0.3)
    return model


def log_next(model: Any) -> torch.Tensor:
    forward = Forward(model)
    return torch.log_softmax(forward.head.logits(last(forward, Tape(), TOKENS)[None]), -1)[0]


def last(forward: Forward, tape: Tape, tokens: list[int]) -> torch.Tensor:
    """Hidden state of the last of `tokens`."""
    segment = Segment(tape, tokens, ends=(ROOT,))
    forward.read([Portion(segment, segment.left)])
    return segment.hidden[ROOT]


@pytest.mark.parametrize(("kind", "config", "changes"), MODELS)
def test_it_is_near_the_model_that_it_was_made_of(kind: Any, config: Any, changes: dict[str, Any]) -> None:
    model = made(kind, config, changes)
    known = log_next(model)
    to_int8(model)
    ours = log_next(model)
    assert isinstance(model.base_model, Decoder) == (kind is not Olmo2ForCausalLM)
    assert float((known.exp() * (known - ours)).sum()) < 0.01
    assert int(known.argmax()) == int(ours.argmax())


@pytest.mark.parametrize(("kind", "config", "changes"), MODELS)
def test_no_linear_layer_is_left_in_float(kind: Any, config: Any, changes: dict[str, Any]) -> None:
    model = made(kind, config, changes)
    before = sum(p.numel() * 4 for p in model.parameters())
    to_int8(model)
    assert not any(type(m) is torch.nn.Linear for m in model.modules())
    assert isinstance(model.get_output_embeddings(), Int8Linear)
    assert not any(p.is_meta for p in (*model.parameters(), *model.buffers()))
    tensors = {t.data_ptr(): t.numel() * t.element_size() for t in (*model.parameters(), *model.buffers())}
    assert sum(tensors.values()) < 0.6 * before


def test_a_branch_in_a_tree_is_the_branch_alone() -> None:
    model = made(*MODELS[2])
    to_int8(model)
    forward, tree = Forward(model), Tree()
    ends = [tree.add(ROOT, [20 + n, 21, 22]) for n in range(9)]
    segment = Segment(Tape(), TOKENS, tree, ends=ends)
    forward.read([Portion(segment, segment.left)])
    for n, end in enumerate(ends):
        alone = last(forward, Tape(), [*TOKENS, 20 + n, 21, 22])
        # Attention sums in another order, which may move a number by one of the finer steps.
        torch.testing.assert_close(segment.hidden[end], alone, atol=0.001, rtol=0.001)


def test_an_engine_rates_with_it(tokenizer: Any) -> None:
    model = made(LlamaForCausalLM, LlamaConfig, {"vocab_size": len(tokenizer) + 5, "tie_word_embeddings": True})
    asked = ((), ["vegan food", "Ann"], ["\nHow cheap? "], ["1", "2", "3"])
    known = LocalModel(model, tokenizer).rate(*asked)
    to_int8(model)
    ours = LocalModel(model, tokenizer).rate(*asked)
    for one, other in zip(ours.probabilities, known.probabilities, strict=True):
        assert one[0] == pytest.approx(other[0], abs=0.06)
