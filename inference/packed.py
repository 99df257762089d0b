"""A transformers model on the CPU in bf16, its weights laid out as the processor multiplies them.

torch lays a bf16 weight out anew in every product with few rows, which takes about as long as the product.
Here that is done once.
"""

from functools import cache
from typing import Any

import torch

from inference.decoder import KNOWN, Decoder
from inference.fused import Fused
from inference.rotation import Unturned
from inference.tiled import TiledGates, TiledLinear, tiles


@cache
def multiplies_bf16() -> bool:
    """Whether oneDNN does on this processor."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


class PackedLinear(torch.nn.Module):
    """A torch.nn.Linear of `weight` [out, in] and `bias` [out] in bf16, in oneDNN's own layout. Where oneDNN multiplies no bf16
    the same numbers are kept and multiplied in float32."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        super().__init__()
        rounded = weight.detach().to(torch.bfloat16).contiguous()
        self.weight = torch.nn.Buffer(
            torch.ops.mkldnn._reorder_linear_weight(rounded, None) if multiplies_bf16() else rounded.float()
        )
        self.bias = None if bias is None else torch.nn.Buffer(bias.detach().to(torch.bfloat16).to(self.weight.dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[rows, in] of any floating type → [rows, out], bf16."""
        if self.weight.dtype == torch.float32:
            rounded = x.to(torch.bfloat16).float()
            return torch.nn.functional.linear(rounded, self.weight, self.bias).to(torch.bfloat16)
        out: torch.Tensor = torch.ops.mkldnn._linear_pointwise(
            x.to(torch.bfloat16), self.weight, self.bias, "none", [], ""
        )
        return out


def packs(weight: torch.Tensor) -> bool:
    """Whether a matrix is one that `PackedLinear` is for: in bf16, on the CPU, of a torch that has oneDNN."""
    here = weight.device.type == "cpu" and weight.dtype == torch.bfloat16
    return here and bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]


def pack(model: Any, fused: Fused | None = None) -> None:
    """Turn a transformers model in bf16 on the CPU into a `Decoder` where it stands, and free what it had. One that `Decoder`
    does not compute, or a torch without oneDNN, stays as it is. `fused`: what computes the rest of a
    layer, where it can."""
    body = model.base_model
    if type(body) in KNOWN and packs(body.embed_tokens.weight):
        linears = Linears(fused)
        setattr(model, model.base_model_prefix, Decoder(body, linears.make, Unturned, fused, linears.make_gates))


class Linears:
    """Makes a layer of a weight [out, in] and a bias [out]: in tiles, where `fused` is there and both sides are whole ones, else
    in oneDNN's layout."""

    def __init__(self, fused: Fused | None) -> None:
        self._fused = fused

    def make(self, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.nn.Module:
        if self._fused is not None and tiles(self._fused, weight):
            return TiledLinear(self._fused, weight, bias)
        return PackedLinear(weight, bias)

    def make_gates(self, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.nn.Module:
        """Of gates above what they let through."""
        if self._fused is not None and tiles(self._fused, weight):
            return TiledGates(self._fused, weight, bias)
        return PackedLinear(weight, bias)


def pack_linears(part: torch.nn.Module, fused: Fused | None = None) -> None:
    """Pack every torch.nn.Linear below `part`, which stays a transformers module: for who needs what lies between its layers."""
    make = Linears(fused).make
    for name, child in list(part.named_children()):
        if isinstance(child, torch.nn.Linear):
            setattr(part, name, make(child.weight, child.bias))
        else:
            pack_linears(child, fused)
