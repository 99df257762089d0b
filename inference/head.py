"""The output matrix: from hidden states to the tokens that may come next."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from inference.fused import Fused
from inference.packed import Linears, packs
from inference.sampling import WIDEST, Best, best, largest, log_total
from inference.tiled import TiledLinear

_EXACT = 16
"""Logits of a row that are multiplied out again: what is left out of them weighs next to nothing in their sum, or is so much
that its rounding evens out."""
ROWS = 128
"""Rows worked out at once: 128 × 150,000 floats are 77 MB. Fewer would read the matrix again and again: that takes longer than
64 rows of it."""


class Head:
    """`layer`: the linear layer at the end of a transformers model whose settings are `config`. In bf16 on a CPU its matrix is
    kept twice: laid out as the processor multiplies it, and as it was, where single rows of it are looked up. `fused`: what goes
    through the logits, where it can."""

    def __init__(self, layer: Any, config: dict[str, Any], fused: Fused | None = None) -> None:
        self._weight: torch.Tensor = layer.weight
        self._bias: torch.Tensor | None = layer.bias
        packed = type(layer) is torch.nn.Linear and packs(layer.weight)
        self._multiply: Callable[[torch.Tensor], torch.Tensor] = (
            Linears(fused).make(layer.weight, layer.bias) if packed else layer
        )
        self._softcap: float | None = config.get("final_logit_softcapping")
        self._scale: float = (config.get("logit_scale") or 1.0) / (config.get("logits_scaling") or 1.0)
        plain = packed and self._softcap is None and self._scale == 1.0
        self._fused = fused if plain else None
        self._tiled = self._multiply if plain and isinstance(self._multiply, TiledLinear) else None

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """[rows, hidden] → [rows, vocabulary], float32 numbers of the model's own precision: good enough to sample from."""
        dtype = self._weight.dtype
        return self._finish(self._multiply(hidden.to(dtype) if dtype.is_floating_point else hidden).float())

    def best(self, hidden: torch.Tensor) -> Best:
        """The likeliest tokens after each of [rows, hidden], as `sampling.best` gives them."""
        if self._tiled is not None:
            return Best(*self._tiled.likeliest(hidden, WIDEST))
        if self._fused is not None:
            return Best(*self._fused.best(self._multiply(hidden), WIDEST))
        return best(self.logits(hidden))

    def log_next(self, hidden: torch.Tensor, pairs: Sequence[tuple[int, int]]) -> list[float]:
        """For each (row of `hidden`, token), the natural log-probability of that token. The logits that matter, those of the
        tokens asked for and the largest, which make the sum, are multiplied out in float32: bf16 logits around 20 come in steps
        of 1/8, which would show in every rating. Turning the whole matrix to float32 would take longer than the pass."""
        if not pairs:
            return []
        rows, tokens = torch.tensor(pairs, device=hidden.device).unbind(1)
        with torch.inference_mode():
            if self._weight.dtype == torch.float32 or not self._weight.is_floating_point():
                logits = self.logits(hidden)
                asked, totals = logits[rows, tokens], log_total(logits)
            else:
                asked, totals = self._exact(hidden[rows], tokens[:, None])[:, 0], self._totals(hidden)
            found: list[float] = (asked - totals[rows]).tolist()
        return found

    def _totals(self, hidden: torch.Tensor) -> torch.Tensor:
        """Logarithm of the sum of the exponentials of all logits after each of [rows, hidden], the largest of them in float32."""
        if self._tiled is not None:
            # These are sums in float32 from the beginning.
            return self._tiled.likeliest(hidden, 0)[2]
        if self._fused is None:
            logits = self.logits(hidden)
            rough, where = largest(logits, _EXACT)
            totals = log_total(logits)
        else:
            rough, where, totals = self._fused.best(self._multiply(hidden), _EXACT)
        exact = self._exact(hidden, where)
        over = torch.exp(exact - totals[:, None]) - torch.exp(rough - totals[:, None])
        return totals + torch.log1p(over.sum(1))

    def _exact(self, hidden: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """Logits of `tokens`, [rows, n], after each of `hidden`, [rows, hidden], in float32."""
        logits = torch.bmm(self._weight[tokens].float(), hidden.float()[:, :, None])[:, :, 0]
        return self._finish(logits if self._bias is None else logits + self._bias[tokens].float())

    def _finish(self, logits: torch.Tensor) -> torch.Tensor:
        if self._scale != 1.0:
            logits = logits * self._scale
        return logits if self._softcap is None else torch.tanh(logits / self._softcap) * self._softcap
