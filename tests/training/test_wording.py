"""Other words for a question: which of what a model wrote is kept."""

import asyncio
from collections import deque
from pathlib import Path

import numpy as np

from inference.scripted import ScriptedModel
from inference.stored_embedder import StoredEmbedder
from personalization.features import BUCKETS, FORM
from personalization.listener import Listener, behind
from personalization.phrasing import Phrasing
from personalization.space import Dimension
from training.wording import WRITTEN, asking_for, kept, turning, written

ALONE = Dimension("alone", ("yes", "no"), (0.5, 0.5), ask="Do you train alone?", means=("yes", "no"))
SAME, TURNED = "Are workouts a solo thing for you?", "Are workouts a group thing for you?"


def test_every_candidate_is_made_to_begin_somehow_and_ends_at_a_line() -> None:
    model = ScriptedModel(says=deque(["you train by yourself?\nYes."] * 99))
    found = asyncio.run(written(model, ALONE.ask, 0))
    assert len(found) >= WRITTEN
    assert "Do you train by yourself?" in found
    assert not any("Yes" in c for c in found)
    assert asking_for(ALONE.ask, "Do")[-1].text == "Do"


def test_only_what_is_nearest_to_its_own_question_is_kept() -> None:
    far, others = "Is a dog waiting for you?", "Is the gym near to you?"
    near = {(SAME, "alone"): 0.8, (SAME, "pet"): 0.1, (far, "alone"): 0.2, (far, "pet"): 0.3}
    near |= {(others, "alone"): 0.6, (others, "pet"): 0.7, ("no question", "alone"): 0.9, ("no question", "pet"): 0.0}
    assert kept(ALONE, [far, SAME, others, "no question"], near) == ([SAME], {"written": 4, "form": 1, "meaning": 2})


def test_what_a_yes_means_the_opposite_of_falls(tmp_path: Path) -> None:
    """An embedding of two numbers: whether what answers says yes or no to the question that it stands behind."""
    says = {"I go by myself.": 1, "I need a crowd.": 0, "Yes.": 1, "No.": 0}

    class Knows:
        def embed(self, texts: list[str]) -> list[list[float]]:
            rows = []
            for text in texts:
                question, answer = text.split("\n")
                content = answer in ("I go by myself.", "I need a crowd.")
                yes = says[answer] ^ (question == TURNED and content)
                rows.append([float(yes), float(1 - yes)])
            return rows

    enter = np.zeros((2 + BUCKETS + FORM, 2), dtype=np.float32)
    enter[:2] = np.eye(2) * 9
    leave = np.zeros((2, 7), dtype=np.float32)
    leave[0, 4], leave[1, 5] = 1, 1
    ears = Listener(
        {"alone": (0.5, 0.5)}, frozenset({"alone"}), enter, np.zeros(2, np.float32), leave, np.zeros(7, np.float32),
        (1.0, 1.0), (0.0,), {"alone": ALONE.ask},
    )  # fmt: skip
    phrasing = Phrasing(
        {"yes": ("Yes.",), "no": ("No.",)}, ("Hm.",), ("Rain.",), ("No wait.",), ("Also,",),
        {"alone": {"yes": ("I go by myself.",), "no": ("I need a crowd.",)}},
    )  # fmt: skip
    embedder = StoredEmbedder(tmp_path / "e.npz", Knows)  # type: ignore[arg-type]
    assert turning(ALONE, [SAME, TURNED], phrasing, ears, embedder) == [TURNED]
    assert embedder.embed([behind(SAME, "Yes.")]).tolist() == [[1, 0]]
