"""Attention for bf16 on the CPU. torch's own (2.13) multiplies bf16 there no faster than float32; as three plain steps, which use
the processor's bf16 instructions, it takes a third of the time on the long rows that trees and prompts are."""

from typing import Any

import torch
from transformers import AttentionInterface

NAME = "aside_bf16"


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    softcap: float | None = None,
    **ignored: Any,
) -> tuple[torch.Tensor, None]:
    """query: [1, heads, rows, size]; key, value: [1, groups, slots, size], a group shared by heads/groups heads; the mask is
    added: [1, 1, rows, slots]. Returns [1, rows, heads, size]."""
    _, heads, rows, size = query.shape
    _, groups, slots, _ = key.shape
    assert query.shape[0] == 1
    together = (query[0] * (scaling or size**-0.5)).reshape(groups, heads // groups * rows, size)
    scores = torch.bmm(together, key[0].transpose(1, 2)).view(heads, rows, slots)
    if softcap is not None:
        scores = torch.tanh(scores / softcap) * softcap
    if attention_mask is not None:
        scores += attention_mask[0]
    chances = torch.softmax(scores, dim=-1).view(groups, heads // groups * rows, slots)
    out = torch.bmm(chances, value[0]).view(heads, rows, -1)
    return out.transpose(0, 1).unsqueeze(0), None


AttentionInterface.register(NAME, attend)
