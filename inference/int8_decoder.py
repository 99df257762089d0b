"""A transformers model on the CPU in int8."""

from typing import Any

import torch

from inference.decoder import KNOWN, Decoder
from inference.int8 import Int8Linear
from inference.rotation import rotation


def to_int8(model: Any) -> None:
    """Turn a transformers model on the CPU into int8 where it stands, and free what it had. A body of KNOWN becomes a `Decoder`;
    in another each linear layer is replaced, and what is left becomes float32."""
    body, head = model.base_model, model.get_output_embeddings()
    output = Int8Linear(head.weight, head.bias)
    if type(body) in KNOWN:
        setattr(model, model.base_model_prefix, Decoder(body, Int8Linear, rotation))
    else:
        _replace_linears(body)
        body.float()
    model.set_output_embeddings(output)


def _replace_linears(module: torch.nn.Module) -> None:
    for name, child in module.named_children():
        if type(child) is torch.nn.Linear:
            setattr(module, name, Int8Linear(child.weight, child.bias))
        else:
            _replace_linears(child)
