from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.prompt import Part, Prompt
from training.states import States

PROMPT: Prompt = (Part("Behind this."),)


def test_each_text_is_asked_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def encode(self: States, prompt: Prompt, texts: Sequence[str]) -> NDArray[np.float32]:
        assert prompt == PROMPT
        asked.extend(texts)
        return np.array([[len(t), 1.0] for t in texts], dtype=np.float32)

    monkeypatch.setattr(States, "encode", encode)
    states = States("model", tmp_path)
    kept = states.after("name", PROMPT)
    assert kept.embed(["a", "bb", "a"]).tolist() == [[1.0, 1.0], [2.0, 1.0], [1.0, 1.0]]
    kept.save()
    assert states.after("name", PROMPT).embed(["bb"]).tolist() == [[2.0, 1.0]]
    assert asked == ["a", "bb"]
    states.close()
