from pathlib import Path
from typing import Any

import pytest
import torch

from inference import loading
from inference.loading import best_dtype, dtype_of, load_embedder, load_model, load_weights
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


def test_without_bf16_it_is_taken_where_something_of_ours_multiplies_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True, "fma3": True})
    monkeypatch.setattr(loading, "fused", lambda folder: object())
    assert best_dtype() is torch.float32
    assert best_dtype(tmp_path) is dtype_of("auto", tmp_path) is torch.bfloat16
    assert dtype_of("float32", tmp_path) is torch.float32
    monkeypatch.setattr(loading, "fused", lambda folder: None)
    assert best_dtype(tmp_path) is torch.float32


def test_a_model_whose_bf16_nothing_multiplies_is_in_float32(
    llama: Any, tokenizer: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    llama.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)

    def kept(*compiled: Path) -> torch.dtype:
        model, _ = load_weights(str(tmp_path), torch.bfloat16, *compiled)
        found: torch.dtype = model.get_input_embeddings().weight.dtype
        return found

    monkeypatch.setattr(loading, "multiplies_bf16", lambda: False)
    # Its vocabulary has no whole tiles, so the compiled functions do not take it either.
    assert kept() == kept(tmp_path) == torch.float32
    assert caplog.text.count("nothing here multiplies") == 2
    monkeypatch.setattr(loading, "multiplies_bf16", lambda: True)
    assert kept() == torch.bfloat16
