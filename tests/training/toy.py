"""A toy space whose words are told apart by the embedding."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference.stored_embedder import StoredEmbedder
from personalization.features import Floats
from personalization.phrasing import Phrasing
from personalization.space import Dimension, Space

OUTDOOR = Dimension("outdoor", ("yes", "no"), (0.5, 0.5))
SPACE = Space("toy", (OUTDOOR,))
WORDS = Phrasing(
    open={"yes": ("Yes.", "Yep."), "no": ("No.", "Nope.")},
    vague=("Hm.",),
    off=("(Rain|Snow).",),
    turn=("Wait.",),
    also=("And",),
    said={"outdoor": {"yes": ("Woods (please|now).",), "no": ("Sofa (please|now).",)}},
)


class Hashed(StoredEmbedder):
    """A direction a text."""

    def __init__(self) -> None:
        super().__init__(Path("/nowhere"))
        self._own: dict[str, Floats] = {}

    def embed(self, texts: Sequence[str]) -> Floats:
        for text in texts:
            rng = np.random.default_rng(len(self._own))
            self._own.setdefault(text, (rng.normal(size=16) / 4).astype(np.float32))
        return np.stack([self._own[t] for t in texts])
