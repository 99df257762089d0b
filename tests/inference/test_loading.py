from pathlib import Path
from typing import Any

import pytest
import torch

from inference.loading import best_dtype, load_embedder, load_model
from inference.prompt import Part
from inference.protocol import ModelUnavailableError


def test_a_folder_is_loaded_and_gives_what_was_saved(llama: Any, tokenizer: Any, local: Any, tmp_path: Path) -> None:
    llama.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    loaded = load_model(str(tmp_path), torch.float32)
    prompt = (Part("where should we eat"),)
    assert (
        loaded.rate(prompt, ["Bob"], [" is "], ["1", "2"]).probabilities
        == local.rate(prompt, ["Bob"], [" is "], ["1", "2"]).probabilities
    )


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="does not load"):
        load_model(str(tmp_path))
    with pytest.raises(ModelUnavailableError, match="does not load"):
        load_embedder(tmp_path)


@pytest.mark.parametrize(
    ("can", "dtype"),
    [
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_tile": True}, torch.bfloat16),
        ({"avx512_bf16": False, "avx512_vnni": True}, torch.int8),
        ({"avx512_bf16": True, "avx512_vnni": True}, torch.bfloat16),
        ({"avx512_bf16": True, "avx512_vnni": True, "cpu_name": "AMD EPYC"}, torch.bfloat16),
        ({"avx512_bf16": True, "avx512_vnni": True, "cpu_name": "Intel Xeon"}, torch.int8),
        ({"avx512_bf16": True, "amx_tile": True, "cpu_name": "Intel Xeon"}, torch.bfloat16),
        ({"avx512_bf16": False, "avx2": True}, torch.float32),
        ({}, torch.float32),
    ],
)
def test_the_precision_suits_the_processor(
    monkeypatch: pytest.MonkeyPatch, can: dict[str, Any], dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: can)
    assert best_dtype() is dtype
