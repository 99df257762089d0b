"""Attention of one pass over many tapes: every linear layer runs once over all tokens, this runs for each tape on its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn import functional
from transformers import AttentionInterface

from inference.fused import has_amx
from inference.static_decode import Step
from inference.tape import BLOCK, Tape

NAME = "aside"
_MANY = 64
"""Rows from which plain products of bf16 take less time than the fused attention on a processor without AMX. With it they never
do."""


@dataclass(slots=True, eq=False)
class Part:
    """The tokens `rows` of a pass go into the next slots of `tape`. `mask` is added to their scores, [rows, last slots]; what
    comes before those slots every row sees."""

    tape: Tape
    rows: range
    mask: torch.Tensor
    _whole: torch.Tensor | None = field(default=None, init=False)

    @property
    def shared(self) -> int:
        """Slots, whole blocks of them, that every row sees and that the tape has from its origin."""
        seen = self.tape.length + len(self.rows) - self.mask.shape[1]
        return min(self.tape.common, seen) // BLOCK * BLOCK

    def whole(self, slots: int, times: int) -> torch.Tensor:
        """The mask over all `slots` of the pass, `times` below itself: [times × rows, slots]. Made once for all layers."""
        if self._whole is None:
            self._whole = functional.pad(self.mask, (slots - self.mask.shape[1], 0)).repeat(times, 1)
        return self._whole


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    parts: Sequence[Part] = (),
    step: Step | None = None,
    scaling: float | None = None,
    softcap: float | None = None,
    **ignored: Any,
) -> tuple[torch.Tensor, None]:
    """query: [1, heads, tokens, size]; key, value: [1, groups, tokens, size], a group shared by heads/groups heads. Writes keys
    and values on the tapes of `parts`, or where `step` has them. Returns [1, tokens, heads, size]."""
    assert query.shape[0] == 1
    _, heads, tokens, size = query.shape
    groups = key.shape[1]
    scale = size**-0.5 if scaling is None else scaling
    if step is not None:
        return step.attend(module.layer_idx, query[0], key[0], value[0], scale, softcap)[None], None
    # The heads of a group are rows of one product: keys and values are not copied for each.
    grouped = query.view(groups, heads // groups, tokens, size)
    out = query.new_empty(tokens, groups, heads // groups, size)
    for part in parts:
        here = slice(part.rows.start, part.rows.stop)
        keys, values = part.tape.write(module.layer_idx, (key[0, :, here], value[0, :, here]))
        mask = part.whole(keys.shape[1], heads // groups)
        seen = _attended(grouped[:, :, here].flatten(1, 2), keys, values, mask, scale, softcap)
        out[here] = seen.view(groups, heads // groups, -1, size).permute(2, 0, 1, 3)
    return out.view(1, tokens, heads, size), None


def _attended(
    query: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    mask: torch.Tensor,
    scale: float,
    softcap: float | None,
) -> torch.Tensor:
    """query: [groups, rows, size]; keys, values: [groups, slots, size]; mask: [rows, slots] → [groups, rows, size]. torch's fused
    attention takes no soft cap, and on a CPU without AMX (2.13) multiplies bf16 no faster than float32."""
    many = query.device.type == "cpu" and query.dtype == torch.bfloat16 and query.shape[1] >= _MANY
    if softcap is not None or (many and not has_amx()):
        return _plain(query, keys, values, mask, scale, softcap)
    return _fused(query, keys, values, mask, scale)


def _plain(
    query: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    mask: torch.Tensor,
    scale: float,
    softcap: float | None,
) -> torch.Tensor:
    scores = torch.bmm(query * scale, keys.transpose(1, 2))
    if softcap is not None:
        scores = scores.div_(softcap).tanh_().mul_(softcap)
    return torch.bmm(torch.softmax(scores.add_(mask), dim=-1), values)


def _fused(
    query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, mask: torch.Tensor, scale: float
) -> torch.Tensor:
    return functional.scaled_dot_product_attention(query[None], keys[None], values[None], mask, scale=scale)[0]


AttentionInterface.register(NAME, attend)
