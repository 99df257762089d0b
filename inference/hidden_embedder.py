"""What a language model makes of a text, as an embedding: for small learned readers in training and measuring. A sentence
embedder puts
a statement near to its denial; a language model tells them apart."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inference.answer_embedder import answer_embedder
from inference.loading import load_layers
from inference.stored_embedder import StoredEmbedder
from inference.weights import find_model

BATCH = 64


class HiddenEmbedder:
    """The first `layers` of a model; a text is the mean of the hidden states of its tokens after them, divided by its length."""

    def __init__(self, model: Any, tokenizer: Any, layers: int) -> None:
        self._model, self._tokenizer = model.model, tokenizer
        self._model.layers = self._model.layers[:layers]
        self._model.norm = torch.nn.Identity()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """[text, dim], rows of length 1."""
        ids = [self._tokenizer.encode(text, add_special_tokens=False) or [0] for text in texts]
        order = sorted(range(len(texts)), key=lambda i: len(ids[i]))
        found: list[NDArray[np.float32]] = [np.zeros(0, np.float32)] * len(texts)
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            for i, row in zip(some, self._batch([ids[i] for i in some]), strict=True):
                found[i] = row
        return np.stack(found)

    @torch.inference_mode()
    def _batch(self, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        longest = max(len(own) for own in ids)
        tokens = torch.tensor([[*own, *[0] * (longest - len(own))] for own in ids])
        mask = torch.tensor([[1] * len(own) + [0] * (longest - len(own)) for own in ids])
        states = self._model(input_ids=tokens, attention_mask=mask, use_cache=False).last_hidden_state.float()
        means = (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        rows: NDArray[np.float32] = (means / means.norm(dim=1, keepdim=True)).numpy().astype(np.float32)
        return rows


def hidden_embedder(name: str, layers: int, cache: Path) -> HiddenEmbedder:
    """Of a built-in model, in bf16 where the processor multiplies it fast. Raises ModelUnavailableError."""
    return HiddenEmbedder(*load_layers(find_model(name, cache)), layers)


LAYERS = {"small": 15, "tiny": 18}
"""Of each built-in model, about half way, where a linear reader told yes from no best."""
BEHIND = "small-behind"
BEHIND_LAYERS = 18
READERS = (*LAYERS, BEHIND)
"""What else than the sentence embedder a listener may read with; BEHIND: `small`, the answer behind its question."""


def reading_with(name: str, file: Path, cache: Path) -> StoredEmbedder:
    """What a listener reads with: "embedder", the sentence embedder, or one of READERS."""
    if name == "embedder":
        return StoredEmbedder(file)
    if name == BEHIND:
        return StoredEmbedder(file, lambda: answer_embedder("small", BEHIND_LAYERS, cache))
    return StoredEmbedder(file, lambda: hidden_embedder(name, LAYERS[name], cache))
