"""What a model has read so far: keys and values in buffers that are written in place and can be set back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from inference.static_decode import Seat

Pair = tuple[torch.Tensor, torch.Tensor]
"""Keys and values of one layer, [heads, slots, size] each."""

STEP = 256
"""Slots by which a tape grows."""
BLOCK = 32
"""Slots that are copied together: inference/fused.c keeps so many as one block."""


class Tape:
    """`tokens` is the text read, front to back; `length` counts the slots in use, which is more while a tree hangs on it.

    Call `reserve` before a forward pass, `write` in every layer of it, and `advance` after it.
    """

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.length = 0
        self.capacity = 0
        self._kept: dict[int, Pair] = {}
        self.seat: Seat | None = None
        """Where the tree is being written meanwhile (inference/static_decode.py)."""
        self.origin: Tape | None = None
        """Another tape that has the same keys and values for the first `common` tokens. What reads many tapes reads it once."""
        self.common = 0

    @property
    def bytes(self) -> int:
        """What its buffers take."""
        return sum(tensor.nbytes for pair in list(self._kept.values()) for tensor in pair)

    def reserve(self, slots: int) -> None:
        """Make room for `slots` more."""
        if self.length + slots > self.capacity:
            capacity = _room_for(self.length + slots)
            self._kept = self._copied(self.length, capacity)
            self.capacity = capacity

    def buffers(self, layer: int, like: Pair) -> Pair:
        """All slots of one layer, [heads, capacity, size], made where there are none: `like` a pair of any number of slots."""
        if layer not in self._kept:
            self._kept[layer] = _empty(like, self.capacity, like[0].device)
        return self._kept[layer]

    def write(self, layer: int, new: Pair) -> Pair:
        """Put the keys and values of the next slots in place; returns those of all slots up to them."""
        kept = self.buffers(layer, new)
        end = self.length + new[0].shape[1]
        for buffer, tensor in zip(kept, new, strict=True):
            buffer[:, self.length : end] = tensor
        return kept[0][:, :end], kept[1][:, :end]

    def advance(self, slots: int, tokens: Sequence[int] = ()) -> None:
        """Keep the `slots` just written; `tokens` of them, the first ones, were text and not a tree."""
        assert not tokens or self.length == len(self.tokens), (self.length, len(self.tokens))
        self.length += slots
        self.tokens += tokens

    def set_back(self, length: int) -> None:
        """Forget everything after the first `length` tokens, a hanging tree too. Costs nothing."""
        del self.tokens[length:]
        self.length = len(self.tokens)
        self.common = min(self.common, self.length)
        if self.seat is not None:
            self.seat.leave()
            self.seat = None

    def comes_from(self, origin: "Tape | None", common: int) -> None:
        """The first `common` tokens are a copy of those of `origin`, or that one of these."""
        self.origin, self.common = (origin, common) if common else (None, 0)

    def held(self) -> dict[int, Pair]:
        """Keys and values of the slots in use, by layer."""
        return {
            layer: (keys[:, : self.length], values[:, : self.length]) for layer, (keys, values) in self._kept.items()
        }

    def stand_up(self) -> None:
        """Take back from its seat what was written there, where there is one."""
        if self.seat is None:
            return
        for layer, pair in self.seat.layers(self.length).items():
            for buffer, tensor in zip(self._kept[layer], pair, strict=True):
                buffer[:, self.seat.first : self.length] = tensor
        self.seat.leave()
        self.seat = None

    def shrink(self) -> bool:
        """Give back the slots that the text does not need. False when there are none to speak of."""
        assert self.length == len(self.tokens), "a tree hangs on this tape"
        capacity = _room_for(self.length)
        if capacity >= self.capacity:
            return False
        self._kept = self._copied(self.length, capacity)
        self.capacity = capacity
        return True

    def move(self, device: torch.device) -> None:
        """To another memory, and back."""
        self._kept = self._copied(self.length, self.capacity, device)

    def branch_off(self, length: int, device: torch.device | None = None) -> "Tape":
        """A new tape with a copy of the first `length` tokens, on `device` or where this one is."""
        assert length <= len(self.tokens)
        tape = Tape()
        tape.tokens = self.tokens[:length]
        tape.length = length
        tape.capacity = _room_for(length)
        tape._kept = self._copied(length, tape.capacity, device)
        return tape

    def _copied(self, length: int, capacity: int, device: torch.device | None = None) -> dict[int, Pair]:
        copies = {}
        # A list: a pass in another thread may be making the next layer's.
        for layer, old in list(self._kept.items()):
            copies[layer] = _empty(old, capacity, device or old[0].device)
            whole = -(-length // BLOCK) * BLOCK
            for target, source in zip(copies[layer], old, strict=True):
                target[:, :whole] = source[:, :whole]
        return copies


def _room_for(tokens: int) -> int:
    return -(-tokens // STEP) * STEP


def _empty(like: Pair, capacity: int, device: torch.device) -> Pair:
    """Zeros: what is masked out in a block is multiplied all the same, and must be a number."""
    keys, values = like
    return (
        keys.new_zeros((keys.shape[0], capacity, keys.shape[2]), device=device),
        values.new_zeros((values.shape[0], capacity, values.shape[2]), device=device),
    )
