"""The norm of a layer as one call: on a GPU the eight small ones of transformers' layers take longer to begin than to compute."""

from functools import partial
from typing import Any

import torch
from torch.nn import functional

_KNOWN = ("LlamaRMSNorm", "MistralRMSNorm", "Qwen2RMSNorm", "Qwen3RMSNorm")
"""Those that multiply by their weight as it is."""


def quicken(body: torch.nn.Module) -> None:
    """Where `body` has norms of a known kind they give the same numbers, rounded once less."""
    for part in body.modules():
        if type(part).__name__ in _KNOWN:
            part.forward = partial(_normed, part)


def _normed(norm: Any, hidden: torch.Tensor) -> torch.Tensor:
    return functional.rms_norm(hidden, norm.weight.shape, norm.weight, norm.variance_epsilon)
