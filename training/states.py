"""What a model's hidden states are at the end of texts, for fits: each is asked once and kept in a file."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.connect import connect
from inference.engine import Engine, until_ready
from inference.prompt import Prompt
from inference.protocol import HALFWAY
from inference.stored_embedder import StoredEmbedder

AT_ONCE = 32
READY = 600.0


class States:
    """Of one built-in model, which is started when the first unknown text comes. `close` stops it."""

    def __init__(self, model: str, cache: Path) -> None:
        self._model, self._cache = model, cache
        self._loop = asyncio.new_event_loop()
        self._engine: Engine | None = None

    def after(self, name: str, prompt: Prompt) -> StoredEmbedder:
        """The states of texts after `prompt`, kept as `name`."""
        told = hashlib.blake2b(repr((HALFWAY, prompt)).encode(), digest_size=4).hexdigest()  # another state
        file = self._cache / "embedded" / f"states-{name}-{told}-{self._model}.npz"
        return StoredEmbedder(file, lambda: _After(self, prompt))

    def encode(self, prompt: Prompt, texts: Sequence[str]) -> NDArray[np.float32]:
        """[text, width]"""
        return self._loop.run_until_complete(self._encode(prompt, texts))

    def close(self) -> None:
        if self._engine is not None:
            self._loop.run_until_complete(self._engine.close())
        self._loop.close()

    async def _encode(self, prompt: Prompt, texts: Sequence[str]) -> NDArray[np.float32]:
        if self._engine is None:
            self._engine = connect(self._model, cache=self._cache, base_url="", api_key="", timeout=600, threads=0)
            await self._engine.start()
            await until_ready(self._engine, READY)
        rows: list[tuple[float, ...]] = []
        for start in range(0, len(texts), AT_ONCE):
            found = await self._engine.model.encode(prompt, texts[start : start + AT_ONCE])
            assert found is not None, f"{self._model} gives no hidden states"
            rows += found.states
        return np.array(rows, dtype=np.float32)


class _After:
    def __init__(self, states: States, prompt: Prompt) -> None:
        self._states, self._prompt = states, prompt

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._states.encode(self._prompt, texts)
