"""A sentence embedder in this process: mean of the last hidden states, scaled to length one, as all-MiniLM-L6-v2 was trained."""

from collections.abc import Sequence
from typing import Any

import torch
from tokenizers import Tokenizer
from torch.nn import functional

_LONGEST = 256
"""Tokens of one text that the model was trained to read; the rest is left out."""
_BATCH = 32


class LocalEmbedder:
    def __init__(self, model: Any, tokenizer: Tokenizer) -> None:
        self._model = model
        self._tokenizer = tokenizer
        # The file that comes with the model pads every text to 128 tokens.
        tokenizer.enable_truncation(_LONGEST)
        tokenizer.enable_padding(pad_id=model.config.pad_token_id)
        self.dim: int = model.config.hidden_size

    def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        """One vector of `dim` floats a text, of length 1. Texts of like length share a batch, so little is padding."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        found: dict[int, tuple[float, ...]] = {}
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            vectors = self._batch([texts[i] for i in some]).tolist()
            found.update(zip(some, map(tuple, vectors), strict=True))
        return tuple(found[i] for i in range(len(texts)))

    def _batch(self, texts: list[str]) -> torch.Tensor:
        encoded = self._tokenizer.encode_batch(texts)
        ids = torch.tensor([e.ids for e in encoded])
        mask = torch.tensor([e.attention_mask for e in encoded])
        with torch.inference_mode():
            hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
        real = mask[:, :, None].to(hidden.dtype)
        return functional.normalize((hidden * real).sum(1) / real.sum(1), dim=-1)
