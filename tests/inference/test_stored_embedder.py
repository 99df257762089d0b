"""What was once embedded is kept."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from inference import stored_embedder
from inference.stored_embedder import StoredEmbedder


class Counted:
    asked: list[str]

    def __init__(self) -> None:
        self.asked = []

    def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        self.asked += texts
        return tuple((float(len(t)), 1.0) for t in texts)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Counted:
    found = Counted()
    monkeypatch.setattr(stored_embedder, "find_embedder", lambda: Path())
    monkeypatch.setattr(stored_embedder, "load_embedder", lambda folder: found)
    return found


def test_a_text_is_embedded_once(model: Counted, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "texts.npz"
    first = StoredEmbedder(file)
    assert first.embed(["a", "bb", "a"]).tolist() == [[1, 1], [2, 1], [1, 1]]
    first.save()
    again = StoredEmbedder(file)
    assert np.array_equal(again.embed(["bb", "a"]), [[2, 1], [1, 1]])
    assert model.asked == ["a", "bb"]


def test_nothing_is_written_where_nothing_is_new(model: Counted, tmp_path: Path) -> None:
    StoredEmbedder(tmp_path / "texts.npz").save()
    assert list(tmp_path.iterdir()) == []
