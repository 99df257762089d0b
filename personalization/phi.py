"""φ: the numbers of a reply that tastes differ in. A small network reads each of its sentences on its own, what it says is added
up, and the form of the whole reply is added to that. So what two replies to one message have in common falls out of their
difference, and a sentence that carries no manner carries nothing. NumPy only, so that the service may use it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalization.features import BUCKETS, FORM, Floats, features, form
from personalization.listener import sentences

Array = NDArray[np.float64]
Embed = Callable[[Sequence[str]], Floats]
WHOLE = FORM + 2
"""Of a whole reply: its form, and how many sentences and letters it has."""


@dataclass(frozen=True, slots=True)
class Phi:
    """`first` [feature, hidden] and `bias` [hidden] of a sentence, `second` [hidden, k]; `whole` [WHOLE, k] of the reply.
    `dim`: of the embedder that it was fitted on."""

    first: Floats
    bias: Floats
    second: Floats
    whole: Floats

    @property
    def dim(self) -> int:
        return int(self.first.shape[0]) - BUCKETS - FORM

    @property
    def size(self) -> int:
        return int(self.second.shape[1])

    def of(self, texts: Sequence[str], embed: Embed) -> Array:
        """[text, k]; `embed` gives [sentence, dim], rows of length 1."""
        parts = parted(texts)
        flat = list(dict.fromkeys(s for some in parts for s in some))
        return self.read(parts, flat, embed(flat), texts)

    def read(
        self, parts: Sequence[Sequence[str]], flat: Sequence[str], embedded: Floats, texts: Sequence[str]
    ) -> Array:
        """As `of`, of `parts`, the sentences of each of `texts`, where those of all are embedded: `flat`, each once."""
        at = {s: i for i, s in enumerate(flat)}
        told = np.maximum(features(flat, embedded) @ self.first + self.bias, 0) @ self.second
        added = np.stack([told[[at[s] for s in some]].sum(0) for some in parts])
        found: Array = (added + shapes(texts) @ self.whole).astype(np.float64)
        return found


def parted(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """The sentences of each; a text without any is one."""
    return [sentences(t) or (t,) for t in texts]


def shapes(texts: Sequence[str]) -> Floats:
    """[text, WHOLE]"""
    return np.stack([np.array([*form(t), np.log1p(len(sentences(t))), np.log1p(len(t)) / 3]) for t in texts]).astype(
        np.float32
    )
