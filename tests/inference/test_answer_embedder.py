"""Answers behind their questions as embeddings, on a model of two small layers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from inference.answer_embedder import AnswerEmbedder, answer_embedder
from inference.loading import load_layers
from inference.packed import PackedLinear, pack_linears
from inference.protocol import ModelUnavailableError


class Letters:
    def encode(self, text: str, add_special_tokens: bool) -> list[int]:
        assert not add_special_tokens
        return [ord(ch) % 60 for ch in text]


def _embedder() -> AnswerEmbedder:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64, hidden_size=16, intermediate_size=32, num_hidden_layers=3, num_attention_heads=2,
    )  # fmt: skip
    return AnswerEmbedder(LlamaForCausalLM(config).eval(), Letters(), 2)  # type: ignore[no-untyped-call]


def test_an_answer_has_the_same_embedding_in_any_company() -> None:
    embedder = _embedder()
    alone = embedder.embed(["Tea?\nyes"])
    among = embedder.embed(["Tea?\nnot on weekdays, no", "Milk?\nno", "Tea?\nyes", "\nyes"])
    assert among.shape == (4, 16)
    assert np.linalg.norm(among, axis=1) == pytest.approx(1, abs=1e-5)
    assert among[2] == pytest.approx(alone[0], abs=1e-5)


def test_the_same_words_are_another_thing_behind_another_question() -> None:
    first, second, unasked = _embedder().embed(["Tea?\nyes", "Milk?\nyes", "\nyes"])
    assert np.abs(first - second).max() > 1e-3
    assert np.abs(first - unasked).max() > 1e-3


def test_packed_layers_give_nearly_what_the_model_gives() -> None:
    torch.manual_seed(0)
    plain = torch.nn.Sequential(torch.nn.Linear(32, 32), torch.nn.Sequential(torch.nn.Linear(32, 16))).bfloat16()
    x = torch.randn(3, 32).bfloat16()
    before = plain(x)
    pack_linears(plain)
    assert [type(m) for m in plain.modules()].count(PackedLinear) == 2
    assert plain(x).float().detach().numpy() == pytest.approx(before.float().detach().numpy(), abs=0.05)


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError):
        load_layers(str(tmp_path / "none"))
    with pytest.raises(ModelUnavailableError, match="small"):
        answer_embedder("small", 1, tmp_path)
