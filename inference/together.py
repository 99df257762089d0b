"""Attention of a few rows of each of many tapes as one product, which is how the steps of many rooms decode.

A step of one room is three rows, and torch spends longer on starting its products than on them. Keys and values of all tapes are
copied side by side, which takes a memory's time, and multiplied at once.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from inference.attention import Part

Pair = tuple[torch.Tensor, torch.Tensor]

FEW = 4
"""Rows of a tape up to which its attention is worth a copy of its keys and values."""


class Together:
    """`parts`: [n] of one pass, each of FEW rows at most, whose tapes have room for them. The masks are put side by side once and
    serve every layer."""

    def __init__(self, parts: "Sequence[Part]") -> None:
        self.parts = parts
        self._lengths = [part.tape.length + len(part.rows) for part in parts]
        self._slots = max(self._lengths)
        self._rows = max(len(part.rows) for part in parts)
        first = parts[0].mask
        # What a shorter tape does not have is masked out, and so are the rows that a part has fewer; those see the first slot.
        self._mask = first.new_full((len(parts), 1, self._rows, self._slots), torch.finfo(first.dtype).min)
        take, self._give = [], list[int]()
        for i, (part, length) in enumerate(zip(parts, self._lengths, strict=True)):
            rows = len(part.rows)
            self._mask[i, 0, :rows, : length - part.mask.shape[1]] = 0
            self._mask[i, 0, :rows, length - part.mask.shape[1] : length] = part.mask
            self._mask[i, 0, rows:, 0] = 0
            take += [*part.rows, *[part.rows.start] * (self._rows - rows)]
            self._give += range(i * self._rows, i * self._rows + rows)
        device = first.device
        self._take = torch.tensor(take, device=device)
        self._back = torch.tensor(self._give, device=device)
        self.rows = torch.tensor([row for part in parts for row in part.rows], device=device)
        """Which rows of the pass `attended` answers for, in its order."""
        self._buffers: Pair | None = None

    def attended(self, query: torch.Tensor, pairs: Sequence[Pair], scale: float) -> torch.Tensor:
        """query: [heads, rows of the pass, size]; `pairs`: keys and values of each part, [groups, its slots, size].
        Returns [heads, rows of all parts, size]."""
        heads, _, size = query.shape
        keys, values = self._side_by_side(pairs)
        n, groups, slots, _ = keys.shape
        taken = (query.index_select(1, self._take) * scale).view(heads, n, self._rows, size).transpose(0, 1)
        together = taken.reshape(n * groups, heads // groups * self._rows, size)
        scores = torch.bmm(together, keys.view(n * groups, slots, size).transpose(1, 2))
        scores = scores.view(n, heads, self._rows, slots).add_(self._mask)
        chances = torch.softmax(scores, dim=-1).view(n * groups, -1, slots)
        out = torch.bmm(chances, values.view(n * groups, slots, size)).view(n, heads, self._rows, size)
        return out.transpose(0, 1).reshape(heads, n * self._rows, size).index_select(1, self._back)

    def _side_by_side(self, pairs: Sequence[Pair]) -> Pair:
        """Each [n, groups, slots, size], in buffers that all layers of the pass share."""
        if self._buffers is None:
            groups, _, size = pairs[0][0].shape
            # Zeros: what is masked out is multiplied all the same, and must be a number.
            shape = (len(pairs), groups, self._slots, size)
            self._buffers = (pairs[0][0].new_zeros(shape), pairs[0][1].new_zeros(shape))
        for i, (pair, length) in enumerate(zip(pairs, self._lengths, strict=True)):
            for buffer, tensor in zip(self._buffers, pair, strict=True):
                buffer[i, :, :length] = tensor
        return self._buffers


def few(parts: "Sequence[Part]") -> Together | None:
    """The parts of a pass that are better attended together; None where there are not two."""
    small = [part for part in parts if len(part.rows) <= FEW]
    return Together(small) if len(small) > 1 else None
