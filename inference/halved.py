"""The first layers of a model, as a model of their own that shares them."""

from copy import copy
from typing import Any

import torch

from inference.decoder import Decoder
from inference.protocol import HALFWAY


def halved(body: Any) -> Any:
    """Gives as last hidden state what the layers up to HALFWAY make of its input; `body` itself where it is not built of `layers`
    with a `norm` behind them."""
    layers = getattr(body, "layers", None)
    if not isinstance(layers, torch.nn.ModuleList) or not hasattr(body, "norm"):
        return body
    count = round(HALFWAY * len(layers))
    if isinstance(body, Decoder):
        return body.first(count)
    part = copy(body)
    part._modules = {**body._modules, "layers": layers[:count], "norm": torch.nn.Identity()}
    return part
