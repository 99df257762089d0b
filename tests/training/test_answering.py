from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.stored_embedder import StoredEmbedder
from training.answering import questions, threads


class Spread:
    """Every text somewhere on a quarter of a circle."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        angles = np.array([sum(map(ord, text)) % 90 for text in texts], dtype=np.float32) * np.pi / 180
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_the_older_gives_way_where_the_probe_says_so(tmp_path: Path) -> None:
    some = [
        {"asks": f"q{n}", "older": f"old {n}", "newer": f"new {n}", "relation": "changed" if n % 2 else "also"}
        for n in range(60)
    ]
    chances = np.array([0.9 if n % 2 else 0.1 for n in range(60)])
    found = questions(some, chances, StoredEmbedder(tmp_path / "kept.npz", Spread))
    assert found["auc"] == 1.0
    assert found["answered"] == {"newer": 1.0, "older": 0.0}
    assert found["by"] == {"also": 0.0, "changed": 1.0}
    weights = found["weights"]
    assert isinstance(weights, list)
    assert len(weights) == 4
    assert weights[1] > 0


def test_pairs_that_share_a_question_or_an_older_statement_are_held_out_together() -> None:
    some = [
        {"asks": "who pays me?", "older": "Nokia pays me."},
        {"asks": "Who pays me?", "older": "I work at Nokia."},
        {"asks": "where do I work?", "older": "I work at Nokia."},
        {"asks": "what do I eat?", "older": "I eat fish."},
    ]
    assert threads(some).tolist() == [0, 0, 0, 3]
