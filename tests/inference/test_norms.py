import pytest
import torch
from transformers import LlamaConfig, LlamaModel, Qwen3Config, Qwen3Model

from inference.norms import quicken

SHAPE = {
    "vocab_size": 50,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
}


@pytest.mark.parametrize(("kind", "config"), [(LlamaModel, LlamaConfig), (Qwen3Model, Qwen3Config)])
def test_the_numbers_are_the_same(kind: type, config: type) -> None:
    torch.manual_seed(1)
    model = kind(config(**SHAPE)).eval()
    tokens = torch.arange(12)[None]
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    with torch.inference_mode():
        known = model(input_ids=tokens).last_hidden_state
        quicken(model)
        torch.testing.assert_close(model(input_ids=tokens).last_hidden_state, known, atol=1e-4, rtol=1e-4)
    assert all("forward" in vars(part) for part in model.modules() if type(part).__name__.endswith("RMSNorm"))
