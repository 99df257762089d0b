"""Attention of one pass over many tapes: every linear layer runs once over all tokens, this runs for each tape on its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional
from transformers import AttentionInterface

from inference.tape import Tape
from inference.together import Together

NAME = "aside"
_MANY = 64
"""Rows from which torch's fused attention in float32 is worth its wider mask."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The tokens `rows` of a pass go into the next slots of `tape`. `mask` is added to their scores, [rows, last slots]; what
    comes before those slots every row sees."""

    tape: Tape
    rows: range
    mask: torch.Tensor


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    parts: Sequence[Part],
    together: Together | None = None,
    scaling: float | None = None,
    softcap: float | None = None,
    **ignored: Any,
) -> tuple[torch.Tensor, None]:
    """query: [1, heads, tokens, size]; key, value: [1, groups, tokens, size], a group shared by heads/groups heads. Writes keys
    and values on the tapes. `together`: those of `parts` that are attended in one product. Returns [1, tokens, heads, size]."""
    assert query.shape[0] == 1
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    if softcap is not None:
        together = None
    out = torch.empty_like(query[0])
    for part in parts if together is None else [part for part in parts if part not in together.parts]:
        here = slice(part.rows.start, part.rows.stop)
        keys, values = part.tape.write(module.layer_idx, (key[0, :, here], value[0, :, here]))
        out[:, here] = _attended(query[0, :, here], keys, values, part.mask, scale, softcap)
    if together is not None:
        pairs = [
            part.tape.write(
                module.layer_idx,
                (key[0, :, part.rows.start : part.rows.stop], value[0, :, part.rows.start : part.rows.stop]),
            )
            for part in together.parts
        ]
        out[:, together.rows] = together.attended(query[0], pairs, scale)
    return out.transpose(0, 1).unsqueeze(0), None


def _attended(
    query: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    mask: torch.Tensor,
    scale: float,
    softcap: float | None,
) -> torch.Tensor:
    """query: [heads, rows, size]; keys, values: [groups, slots, size] → [heads, rows, size]. torch's fused attention takes no
    soft cap. On the CPU (2.13) it multiplies bf16 no faster than float32, where plain steps use the processor's own instructions;
    in float32 it takes half their time over many rows, and more than theirs over the few of a decode step."""
    if softcap is not None:
        return _plain(query, keys, values, mask, scale, softcap)
    if query.device.type != "cpu":
        return _fused(query, keys, values, mask, scale)
    if query.dtype == torch.float32 and query.shape[1] >= _MANY:
        return _grouped(query, keys, values, mask, scale)
    return _plain(query, keys, values, mask, scale, None)


def _plain(
    query: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    mask: torch.Tensor,
    scale: float,
    softcap: float | None,
) -> torch.Tensor:
    """query: [heads, rows, size]; keys, values: [groups, slots, size]. The heads of a group are rows of one product: keys and
    values are not copied for each."""
    heads, rows, size = query.shape
    groups, slots, _ = keys.shape
    together = (query * scale).reshape(groups, heads // groups * rows, size)
    scores = torch.bmm(together, keys.transpose(1, 2)).view(heads, rows, slots)
    if softcap is not None:
        scores = torch.tanh(scores / softcap) * softcap
    scores[:, :, slots - mask.shape[1] :] += mask
    chances = torch.softmax(scores, dim=-1).view(groups, heads // groups * rows, slots)
    return torch.bmm(chances, values).view(heads, rows, -1)


def _fused(
    query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, mask: torch.Tensor, scale: float
) -> torch.Tensor:
    whole = functional.pad(mask, (keys.shape[1] - mask.shape[1], 0))
    return functional.scaled_dot_product_attention(
        query[None], keys[None], values[None], whole, scale=scale, enable_gqa=True
    )[0]


def _grouped(
    query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, mask: torch.Tensor, scale: float
) -> torch.Tensor:
    """The heads of a group are rows of one attention, as in `_plain`."""
    heads, rows, size = query.shape
    groups, slots, _ = keys.shape
    whole = functional.pad(mask, (slots - mask.shape[1], 0)).repeat(heads // groups, 1)
    together = query.reshape(1, groups, heads // groups * rows, size)
    out = functional.scaled_dot_product_attention(together, keys[None], values[None], whole, scale=scale)
    return out.view(heads, rows, -1)


AttentionInterface.register(NAME, attend)
