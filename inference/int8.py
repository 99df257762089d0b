"""Linear layers in int8, for processors that multiply int8 several times as fast as float32 and have no bf16.

A weight has one scale a row of output. Activations get one scale a row as they come, so what comes out for a row is the same
whatever else is in the batch: sums of int8 products are exact, and a branch rated in a tree is the branch rated alone.
"""

import torch

_LARGEST = 127
"""-128 is left out: both signs reach equally far."""
_SMALLEST = 1e-30
"""A row of zeros has a scale too."""
_AT_ONCE = 8192
"""Rows of a weight turned to float32 at once while it is quantised."""


def quantise(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """[rows, n] in float32 → int8 [rows, n] and float32 [rows, 1], whose product is near `rows`."""
    scale = _scale(rows)
    return torch.div(rows, scale).round_().to(torch.int8), scale


def _scale(rows: torch.Tensor) -> torch.Tensor:
    # Not a vector norm of infinite order, which torch 2.13 does not vectorise.
    return rows.abs().amax(-1, keepdim=True).mul_(1 / _LARGEST).clamp_min_(_SMALLEST)


class Int8Linear(torch.nn.Module):
    """A torch.nn.Linear of `weight` [out, in] and `bias` [out] in int8; both may be of any floating type.

    Activations are the sum of two int8 numbers, the second 1/254 as large. That leaves the error of the weights alone: with one
    number, a sum that attention takes in another order moves an activation by a step that shows in a rating. It costs as much as
    twice the rows: next to nothing while a few rows decode, as the weights are read once for both.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
        super().__init__()
        pieces = [quantise(piece.float()) for piece in torch.split(weight.detach(), _AT_ONCE)]
        self.weight = torch.nn.Buffer(torch.cat([numbers for numbers, _ in pieces]))
        self.scale = torch.nn.Buffer(torch.cat([scale for _, scale in pieces]).flatten())
        self.bias = None if bias is None else torch.nn.Buffer(bias.detach().float())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[…, in] → […, out], float32."""
        rows = x.flatten(0, -2)
        scale = _scale(rows)
        left = rows / scale
        coarse = left.round()
        both = torch.empty((2, *rows.shape), dtype=torch.int8)
        both[0].copy_(coarse)
        both[1].copy_(left.sub_(coarse).mul_(2 * _LARGEST).round_())
        products = torch._int_mm(both.flatten(0, 1), self.weight.t())
        out = products[: len(rows)].float().add_(products[len(rows) :].float(), alpha=0.5 / _LARGEST)
        out.mul_(self.scale).mul_(scale)
        if self.bias is not None:
            out += self.bias
        shaped: torch.Tensor = out.view(*x.shape[:-1], -1)
        return shaped
