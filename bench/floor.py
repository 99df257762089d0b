"""The least that a pass of a model can take on a device, from what the device was measured to do.

A decode step must read all weights and the talk's keys and values once from memory. A pass over many tokens must do that too, or
multiply each of them through all weights, whichever takes longer.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

COPIES = 20


@dataclass(frozen=True, slots=True)
class Device:
    """What it was measured to do: bytes a second from memory, and operations a second in a matrix product."""

    name: str
    bandwidth: float
    matrix_rate: float


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a model: bytes of all weights that a token passes through, how many weights these are, how many of them are the output
    matrix, and bytes of keys and values a token."""

    weight_bytes: int
    weights: int
    head: int
    token_bytes: int

    def decode_floor(self, device: Device, context: int) -> float:
        """Seconds of one step for any few branches."""
        return (self.weight_bytes + context * self.token_bytes) / device.bandwidth

    def read_floor(self, device: Device, tokens: int, asked: int, context: int) -> float:
        """Seconds of one pass over `tokens` tokens after `context` others; what follows is asked after `asked` of them."""
        multiplied = (self.weights - self.head) * tokens + self.head * asked
        return max(self.decode_floor(device, context), 2 * multiplied / device.matrix_rate)


def shape_of(model: Any) -> Shape:
    """A tied output matrix is read once a step; an embedding that is not tied is only looked up."""
    config = model.config
    looked_up = 0 if config.tie_word_embeddings else model.get_input_embeddings().weight.numel()
    weights = sum(p.numel() for p in model.parameters()) - looked_up
    size = model.dtype.itemsize
    token = 2 * config.num_hidden_layers * config.num_key_value_heads * config.head_dim * size
    return Shape(weights * size, weights, model.get_output_embeddings().weight.numel(), token)


def measure_device(device: "torch.device", side: int) -> Device:
    """Copies and multiplies square bf16 matrices of `side`; several copies between two looks at the clock, for a look takes as
    long as half a copy."""
    import torch

    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    one = torch.randn(side, side, device=device).to(torch.bfloat16)
    other, out = one.clone(), torch.empty_like(one)

    def copy() -> None:
        for _ in range(COPIES):
            out.copy_(one)

    copied = best_of(copy, device) / COPIES
    multiplied = best_of(lambda: torch.mm(one, other, out=out), device)
    return Device(name, 2 * one.numel() * one.element_size() / copied, 2 * side**3 / multiplied)


def best_of(work: Callable[[], object], device: "torch.device", times: int = 10) -> float:
    """Seconds of the fastest of `times` runs."""
    import torch

    seconds = []
    for _ in range(times + 1):
        began = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds.append(time.perf_counter() - began)
    return min(seconds[1:])
