"""Linear layers in bf16 on processors with AVX2 or AVX-512, multiplied by inference/products.c.

oneDNN, which torch uses, reads a matrix from memory at two thirds to four fifths of what one core can, takes half as long again
for a dozen rows, and writes all numbers of a gate out before they are gated. On a processor without AVX-512 it multiplies no
bf16 at all.
"""

import ctypes
from collections.abc import Sequence

import torch

from inference.fused import PANEL, Attention, Fused


def tiles(fused: Fused | None, weight: torch.Tensor) -> bool:
    """Whether a matrix [out, in] can be a `TiledLinear`."""
    return fused is not None and not any(side % PANEL for side in weight.shape)


class TiledLinear(torch.nn.Module):
    """A torch.nn.Linear of `weight` [out, in] and `bias` [out]."""

    def __init__(self, fused: Fused, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        super().__init__()
        self._fused = fused
        self.weight = torch.nn.Buffer(fused.pack(weight))
        self.bias = None if bias is None else torch.nn.Buffer(bias.detach().float().contiguous())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[…, in] of any floating type → […, out], bf16."""
        rows = x.reshape(-1, x.shape[-1]).to(torch.bfloat16).contiguous()
        return self._fused.multiply(rows, self.weight, self.bias).view(*x.shape[:-1], -1)

    def likeliest(self, x: torch.Tensor, most: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """As `Fused.likeliest`; x [rows, in] of any floating type."""
        return self._fused.likeliest(x.to(torch.bfloat16).contiguous(), self.weight, self.bias, most)


class TiledGates(TiledLinear):
    """Gates [width, in] above what they let through [width, in]."""

    def __init__(self, fused: Fused, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        self._half = PANEL // 2
        super().__init__(fused, _mixed(weight, self._half), None if bias is None else _mixed(bias, self._half))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[…, in] → […, 2 × width], gates and values."""
        y = super().forward(x)
        return y.view(*y.shape[:-1], -1, 2, self._half).transpose(-2, -3).reshape(y.shape)

    def gated(self, x: torch.Tensor) -> torch.Tensor:
        """[rows, in], bf16 → [rows, width]: silu(gate) × value."""
        return self._fused.multiply(x, self.weight, self.bias, gates=True)


class TiledLayers:
    """All layers of a pass in one call: between them Python would take as long as a product with few rows, and another pass, in
    another thread, would wait for it. `matrices`: of each layer the four that `Fused.layers` needs."""

    def __init__(self, fused: Fused, matrices: Sequence[Sequence[TiledLinear]], inner: int, epsilon: float) -> None:
        self._fused = fused
        self._kept = matrices
        self._inner, self._epsilon = inner, epsilon
        pointers = [_pointer(part) for layer in matrices for one in layer for part in (one.weight, one.bias)]
        self._weights = (ctypes.c_void_p * len(pointers))(*pointers)

    def add(self, hidden: torch.Tensor, attention: Attention) -> None:
        """Adds to `hidden` [rows, width], float32, what the layers say."""
        self._fused.layers(hidden, self._weights, len(self._kept), self._inner, self._epsilon, attention)


def _pointer(tensor: torch.Tensor | None) -> int | None:
    return None if tensor is None else tensor.data_ptr()


def _mixed(rows: torch.Tensor, half: int) -> torch.Tensor:
    """The first of the two halves and the second in turn, `half` rows each time."""
    return rows.view(2, -1, half, *rows.shape[1:]).transpose(0, 1).reshape(rows.shape)
