"""A language model's hidden states as embeddings, on a model of two small layers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from inference.hidden_embedder import HiddenEmbedder, hidden_embedder, reading_with
from inference.protocol import ModelUnavailableError


class Letters:
    def encode(self, text: str, add_special_tokens: bool) -> list[int]:
        assert not add_special_tokens
        return [ord(ch) % 60 for ch in text]


def _model() -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64, hidden_size=16, intermediate_size=32, num_hidden_layers=3, num_attention_heads=2,
    )  # fmt: skip
    return LlamaForCausalLM(config).eval()  # type: ignore[no-untyped-call, no-any-return]


def _embedder(layers: int) -> HiddenEmbedder:
    return HiddenEmbedder(_model(), Letters(), layers)


def test_a_text_has_the_same_embedding_of_length_one_in_any_company() -> None:
    embedder = _embedder(2)
    alone = embedder.embed(["tea"])
    among = embedder.embed(["a longer text than that", "tea", "no"])
    assert among.shape == (3, 16)
    assert np.linalg.norm(among, axis=1) == pytest.approx(1, abs=1e-5)
    assert among[1] == pytest.approx(alone[0], abs=1e-5)
    assert embedder.embed([""]).shape == (1, 16)


def test_only_the_first_layers_are_read() -> None:
    assert not np.allclose(_embedder(1).embed(["tea"]), _embedder(2).embed(["tea"]))


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError):
        hidden_embedder("small", 2, tmp_path)
    reading_with("small", tmp_path / "x.npz", tmp_path).save()
    assert not (tmp_path / "x.npz").exists()


def test_a_built_in_model_keeps_the_layers_that_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine with bf16 weights are laid out anew for serving, and layers cannot be left out then."""
    monkeypatch.setattr("inference.loading.best_dtype", lambda: torch.bfloat16)
    folder = tmp_path / "models" / "tiny"
    _model().save_pretrained(folder)
    monkeypatch.setattr("inference.loading.AutoTokenizer.from_pretrained", lambda *given, **more: Letters())
    assert hidden_embedder("tiny", 2, tmp_path).embed(["tea", "no"]).shape == (2, 16)
