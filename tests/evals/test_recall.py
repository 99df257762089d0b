import random
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.recall import SETTINGS, Setting, Statements, measured, memory, statements


class Letters:
    """Places texts by their letters: enough to tell a question's own statement from most others."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        counts = np.array([[text.casefold().count(c) for c in "abcdefghijklmnopqrstuvwxyz"] for text in texts], float)
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def said() -> Statements:
    return statements(Letters())


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_memory_holds_what_the_question_needs_and_the_newest_of_its_kind_is_right(
    said: Statements, setting: Setting
) -> None:
    for n in range(0, len(said.cases), 7):
        candidates, needed = memory(said, n, 40, setting, random.Random(n))
        assert needed.text == said.cases[n].says[-1]
        assert len(candidates.items) == len(candidates.vectors)
        alike = [i for i in candidates.items if said.cases[said.of[int(i.id[1:])]].asks == said.cases[n].asks]
        assert max(alike, key=lambda i: i.at) == needed
        assert (len(alike) == 1) or setting == "updated"


def test_parts_are_parts_and_the_same_seed_gives_the_same(said: Statements) -> None:
    found = measured(said, [5], 0)
    assert found == measured(said, [5], 0)
    assert found["n"] == len(said.cases)
    assert all(0.0 <= value <= 1.0 for key, value in found.items() if "/" in key and isinstance(value, float))
