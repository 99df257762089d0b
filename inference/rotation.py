"""A turn of the space that hidden states live in, so that no direction in it is much larger than the others.

Some directions of a trained model's hidden state are tens of times as large as the rest, and with one scale a row the rest
would be left with few of the 8 bits. Lengths and products stay what they are under a turn, so it can be taken up into the
weights on both sides (QuaRot, arXiv 2404.00456, which turns by Hadamard matrices; sizes here need not be powers of two).
"""

from dataclasses import dataclass
from typing import Protocol

import torch

_INNER = 64
_SEED = 0


class Turn(Protocol):
    """A turn of vectors of one size, and the way back."""

    def turn(self, rows: torch.Tensor) -> torch.Tensor: ...

    def undo(self, rows: torch.Tensor) -> torch.Tensor: ...


@dataclass(frozen=True, slots=True)
class Unturned:
    """Everything where it stands: for precisions to which directions of any size are alike."""

    size: int

    def turn(self, rows: torch.Tensor) -> torch.Tensor:
        return rows

    def undo(self, rows: torch.Tensor) -> torch.Tensor:
        return rows


@dataclass(frozen=True, slots=True)
class Rotation:
    """The Kronecker product of two random orthogonal matrices, [a, a] and [b, b], for vectors of a × b numbers: as mixed as one
    large matrix, at a tenth of the work."""

    outer: torch.Tensor
    inner: torch.Tensor

    def turn(self, rows: torch.Tensor) -> torch.Tensor:
        """[…, a × b], each row turned."""
        apart = rows.reshape(*rows.shape[:-1], len(self.outer), len(self.inner))
        turned: torch.Tensor = self.outer.t() @ (apart @ self.inner)
        return turned.flatten(-2)

    def undo(self, rows: torch.Tensor) -> torch.Tensor:
        """What `turn` had turned, as it was."""
        apart = rows.reshape(*rows.shape[:-1], len(self.outer), len(self.inner))
        undone: torch.Tensor = self.outer @ (apart @ self.inner.t())
        return undone.flatten(-2)


def rotation(size: int) -> Rotation:
    """The same for the same `size` every time."""
    rng = torch.Generator().manual_seed(_SEED)
    inner = next(n for n in range(min(_INNER, size), 0, -1) if size % n == 0)
    outer, inner_matrix = (torch.linalg.qr(torch.randn(n, n, generator=rng))[0] for n in (size // inner, inner))
    return Rotation(outer, inner_matrix)
