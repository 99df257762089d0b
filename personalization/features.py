"""What a small network sees of a text: its embedding, which words and pairs of words it has, and a little of its form."""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BUCKETS = 1024
"""Words and pairs of words are hashed into so many; a few hundred phrases make some thousand different ones, and those that
fall together cost less than a vocabulary that must be kept."""
FORM = 6
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+")
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]|[:;]-?[)(DP]")


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("’", "'"))


def bag(text: str) -> Floats:
    """[BUCKETS] counts of words and neighbouring pairs, by the root of how many there are: a long text does not shout."""
    found = np.zeros(BUCKETS, dtype=np.float32)
    single = words(text)
    pieces = [*single, *(f"{a} {b}" for a, b in zip(["^", *single], [*single, "$"], strict=True))]
    for piece in pieces:
        found[_bucket(piece)] += 1
    return found / np.float32(max(1, len(pieces)) ** 0.5)


def form(text: str) -> Floats:
    """[FORM]: number of words, exclamation marks, question marks, emoji, share of capitals, whether it opens with one;
    the counts as log(1 + n), in units of about one."""
    letters = [ch for ch in text if ch.isalpha()]
    counts = [len(words(text)), text.count("!"), text.count("?"), len(_EMOJI.findall(text))]
    capitals = sum(ch.isupper() for ch in letters) / max(1, len(letters))
    opens = float(bool(letters) and letters[0].isupper())
    return np.array([*np.log1p(counts) / np.array([3, 1, 1, 1]), 4 * capitals, opens], dtype=np.float32)


def features(texts: Sequence[str], embeddings: Floats) -> Floats:
    """[text, embedding + BUCKETS + FORM]; `embeddings` are [text, dim], of length 1, scaled here to entries of about one."""
    own = [np.concatenate([bag(t), form(t)]) for t in texts]
    scaled = embeddings * np.float32(embeddings.shape[1] ** 0.5 / 2)
    return np.concatenate([scaled, np.stack(own)], axis=1).astype(np.float32)


@lru_cache(maxsize=8_192)
def _bucket(piece: str) -> int:
    return int.from_bytes(hashlib.blake2b(piece.encode(), digest_size=8).digest()) % BUCKETS
