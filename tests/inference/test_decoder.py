from typing import Any

import pytest
import torch

from inference.decoder import KNOWN, Decoder
from inference.rotation import Unturned, rotation
from tests.inference.test_int8_decoder import MODELS, log_next, made


def exact(weight: torch.Tensor, bias: torch.Tensor | None) -> torch.nn.Linear:
    """The layer as it was, in float32."""
    layer = torch.nn.Linear(weight.shape[1], weight.shape[0], bias is not None)
    layer.weight = torch.nn.Parameter(weight.detach().clone(), requires_grad=False)
    if bias is not None:
        layer.bias = torch.nn.Parameter(bias.detach().clone(), requires_grad=False)
    return layer


@pytest.mark.parametrize("turn", [Unturned, rotation])
@pytest.mark.parametrize(("kind", "config", "changes"), [m for m in MODELS if "Olmo" not in m[0].__name__])
def test_it_computes_what_the_model_does_turned_or_not(turn: Any, kind: Any, config: Any, changes: Any) -> None:
    """What is left is float32's own error: order, turns and norms are right."""
    model = made(kind, config, changes)
    known = log_next(model)
    assert type(model.base_model) in KNOWN
    setattr(model, model.base_model_prefix, Decoder(model.base_model, exact, turn))
    torch.testing.assert_close(log_next(model), known, atol=2e-4, rtol=2e-4)
