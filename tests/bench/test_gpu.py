import asyncio
import json

import pytest
import torch

from bench.floor import Device, measure_device, shape_of
from bench.gpu import QWEN3_4B, Measured, main, measure, random_model, summary, tokenizer_of

TOY = QWEN3_4B | {
    "vocab_size": 600,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
}


def test_a_toy_shape_takes_the_same_way_on_the_cpu() -> None:
    model = random_model(TOY, "cpu")
    found = asyncio.run(measure(model, tokenizer_of(TOY["vocab_size"]), 800, 1))
    result = summary(found, measure_device(model.device, 64), shape_of(model))
    assert json.loads(json.dumps(result)) == result
    assert 60 < found.rating_tokens < 400
    assert found.thoughts >= 3
    assert found.context > 800
    assert 300 < found.shown < 800
    assert len(found.decisions) == 1


def test_figures_are_set_against_their_floors() -> None:
    shape = shape_of(random_model(TOY, "cpu"))
    device = Device("toy", bandwidth=shape.weight_bytes * 100.0, matrix_rate=1e30)
    result = summary(Measured((0.1, 0.2, 0.3), 0.02, 0.03, 10, 3, 0, 0, 9), device, shape)
    assert result["decision_ms_p50"] == 200.0
    assert result["decode_over_floor"] == 2.0
    assert result["rating_over_floor"] == 3.0
    assert result["device"] == "toy"


def test_text_survives_the_learned_tokenizer() -> None:
    tokenizer = tokenizer_of(2000)
    text = "Who brings something to eat, and what if it rains?"
    tokens = tokenizer.encode(text, add_special_tokens=False)
    assert tokenizer.decode(tokens) == text
    assert len(tokens) < len(text) / 2
    assert len(tokenizer) == 2000


def test_without_a_gpu_it_says_so_and_ends_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert main([]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["bench"] == "gpu"
    assert result["device"] is None
    assert result["reason"]
