"""The embedder in this process, for training and measuring: what it once embedded is kept in a file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from inference.loading import load_embedder
from inference.weights import find_embedder

_STEP = 512
"""Texts between two marks of progress."""


class Embeds(Protocol):
    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]] | NDArray[np.float32]: ...


class StoredEmbedder:
    """`file` is read at once and written by `save`. The model is loaded when the first unknown text comes; without `load` it
    is the
    sentence embedder."""

    def __init__(self, file: Path, load: Callable[[], Embeds] = lambda: load_embedder(find_embedder())) -> None:
        self._file, self._load = file, load
        self._known: dict[str, int] = {}
        self._rows: list[NDArray[np.float32]] = []
        self._saved = 0
        if file.is_file():
            with np.load(file, allow_pickle=False) as arrays:
                self._known = {t: i for i, t in enumerate(arrays["texts"].tolist())}
                self._rows = list(arrays["vectors"])
            self._saved = len(self._rows)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """[text, dim], rows of length 1."""
        missing = [t for t in dict.fromkeys(texts) if t not in self._known]
        if missing:
            model = self._load()
            for start in tqdm(range(0, len(missing), _STEP), desc="embedding", disable=len(missing) <= _STEP):
                some = missing[start : start + _STEP]
                for text, vector in zip(some, model.embed(some), strict=True):
                    self._known[text] = len(self._rows)
                    self._rows.append(np.array(vector, dtype=np.float32))
        return np.stack([self._rows[self._known[t]] for t in texts])

    def save(self) -> None:
        if len(self._rows) == self._saved:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("wb") as file:
            np.savez(file, texts=np.array(list(self._known)), vectors=np.stack(self._rows))
        self._saved = len(self._rows)
