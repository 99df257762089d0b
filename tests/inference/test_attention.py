from typing import Any

import pytest
import torch
from torch.nn import functional

from inference.attention import NAME, attend
from inference.transformers_engine import LocalModel
from tests.inference.conftest import make_model


@pytest.mark.parametrize(("rows", "heads", "groups"), [(1, 4, 4), (5, 6, 2), (7, 9, 3)])
def test_it_is_attention(rows: int, heads: int, groups: int) -> None:
    torch.manual_seed(1)
    query = torch.randn(1, heads, rows, 8)
    key, value = torch.randn(1, groups, 11, 8), torch.randn(1, groups, 11, 8)
    mask = torch.zeros(1, 1, rows, 11).masked_fill(torch.rand(1, 1, rows, 11) < 0.4, torch.finfo(torch.float32).min)
    mask[..., 0] = 0
    ours, _ = attend(torch.nn.Identity(), query, key, value, mask)
    known = functional.scaled_dot_product_attention(query, key, value, mask, enable_gqa=True)
    torch.testing.assert_close(ours, known.transpose(1, 2), atol=1e-5, rtol=1e-5)


def test_a_model_reads_the_same_with_it(tokenizer: Any, local: LocalModel) -> None:
    llama = make_model(len(tokenizer) + 5)
    llama.set_attn_implementation(NAME)
    asked = ((), ["vegan food", "Ann"], ["\nHow cheap? "], ["1", "2", "3"])
    ours, known = LocalModel(llama, tokenizer).rate(*asked), local.rate(*asked)
    for one, other in zip(ours.probabilities, known.probabilities, strict=True):
        assert one[0] == pytest.approx(other[0], abs=1e-4)
