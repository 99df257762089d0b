"""What a model has read so far: keys and values in buffers that are written in place and can be set back."""

import weakref
from collections.abc import Sequence
from typing import Any

import torch
from transformers.cache_utils import Cache, CacheLayerMixin

Pair = tuple[torch.Tensor, torch.Tensor]
"""Keys and values of one layer, [1, heads, slots, size] each."""

_FIRST_CAPACITY = 1024
TAPES = 8
BUDGET = 16_384
"""Tokens that all tapes together may hold: about 0.4 GB for the built-in models."""


class Tape:
    """`tokens` is the text read, front to back; `length` counts the slots in use, which is more while a tree hangs on it.

    Call `reserve` before a forward pass and `advance` after it; give the pass `cache`.
    """

    def __init__(self, layers: int, capacity: int = _FIRST_CAPACITY) -> None:
        self.tokens: list[int] = []
        self.length = 0
        self.capacity = capacity
        self.cache = Cache(layers=[_Layer(self, i) for i in range(layers)])
        self._kept: dict[int, Pair] = {}

    def reserve(self, slots: int) -> None:
        """Make room for `slots` more, doubling the buffers as needed."""
        if self.length + slots > self.capacity:
            self.capacity = _room_for(self.length + slots)
            self._kept = self._copied(self.length, self.capacity)

    def write(self, layer: int, new: Pair) -> Pair:
        """Put the keys and values of the next slots in place; returns those of all slots up to them."""
        if layer not in self._kept:
            self._kept[layer] = _empty(new, self.capacity)
        kept = self._kept[layer]
        end = self.length + new[0].shape[2]
        for buffer, tensor in zip(kept, new, strict=True):
            buffer[:, :, self.length : end] = tensor
        return kept[0][:, :, :end], kept[1][:, :, :end]

    def advance(self, slots: int, tokens: Sequence[int] = ()) -> None:
        """Keep the `slots` just written; `tokens` when they were text and not a tree."""
        self.length += slots
        self.tokens += tokens

    def set_back(self, length: int) -> None:
        """Forget everything after the first `length` tokens, a hanging tree too. Costs nothing."""
        del self.tokens[length:]
        self.length = len(self.tokens)

    def branch_off(self, length: int) -> "Tape":
        """A new tape with a copy of the first `length` tokens."""
        tape = Tape(len(self.cache.layers), _room_for(length))
        tape.tokens = self.tokens[:length]
        tape.length = length
        tape._kept = self._copied(length, tape.capacity)
        return tape

    def _copied(self, length: int, capacity: int) -> dict[int, Pair]:
        copies = {}
        for layer, old in self._kept.items():
            copies[layer] = _empty(old, capacity)
            for target, source in zip(copies[layer], old, strict=True):
                target[:, :, :length] = source[:, :, :length]
        return copies


class _Layer(CacheLayerMixin):
    """How transformers sees one layer of a tape."""

    is_sliding = False

    def __init__(self, tape: Tape, index: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        # Weak: a tape and its layers that held each other would keep their buffers until the garbage collector came by.
        self._tape = weakref.proxy(tape)
        self._index = index

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        self.is_initialized = True

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any) -> Pair:
        kept: Pair = self._tape.write(self._index, (key_states, value_states))
        return kept

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.get_seq_length() + query_length, 0

    def get_seq_length(self) -> int:
        length: int = self._tape.length
        return length

    def get_max_length(self) -> int:
        return -1


def _room_for(tokens: int) -> int:
    capacity = _FIRST_CAPACITY
    while capacity < tokens:
        capacity *= 2
    return capacity


def _empty(like: Pair, capacity: int) -> Pair:
    keys, values = like
    return (
        keys.new_empty((*keys.shape[:2], capacity, keys.shape[3])),
        values.new_empty((*values.shape[:2], capacity, values.shape[3])),
    )


class Tapes:
    """The few tapes kept, the least recently used first. A room's next prompt finds the tape of its last one."""

    def __init__(self, layers: int, budget: int = BUDGET) -> None:
        self._layers = layers
        self._budget = budget
        self._kept: list[Tape] = []

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, tokens: Sequence[int]) -> Tape:
        """The tape for `tokens`, holding the longest prefix of them that any tape has, and nothing after it."""
        best = max(self._kept, key=lambda tape: shared_length(tape.tokens, tokens), default=None)
        shared = shared_length(best.tokens, tokens) if best is not None else 0
        if best is not None and 2 * shared >= len(best.tokens):
            self._kept.remove(best)
            best.set_back(shared)
            tape = best
        else:
            # Overwriting a long tape of another room would cost that room its whole prefix.
            tape = best.branch_off(shared) if best is not None and shared else Tape(self._layers)
        self._kept.append(tape)
        self.trim()
        return tape

    def trim(self) -> None:
        """Drop the least recently used tapes that are over the bounds, never the last one taken."""
        while len(self._kept) > 1 and (len(self._kept) > TAPES or sum(t.capacity for t in self._kept) > self._budget):
            self._kept.pop(0)

    def clear(self) -> None:
        self._kept.clear()


def shared_length(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two sequences have in common at their start."""
    for n, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return n
    return min(len(one), len(other))
