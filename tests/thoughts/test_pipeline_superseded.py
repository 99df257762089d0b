"""A run in which a newer statement takes the place of the one that came to mind."""

import asyncio
from collections import deque
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

import thoughts.superseded
from heuristics.calibration import calibration_for
from inference.scripted import ScriptedEmbedder, ScriptedModel
from memory.probe import LENGTH, Probe
from memory.recall import Candidates
from tests.conversation.build import ANN, BOB, moment, talk
from tests.memory.build import item
from thoughts.pipeline import Thinker, think
from thoughts.policy import Policy
from thoughts.run import Run

QUESTION = "Aside, which company pays me?"
OLD, NEW = item("old", "Halberd pays me.", day=0), item("new", "My pay slip says Norwick.", day=5)


def ran(state: tuple[float, ...]) -> Run:
    (near,) = asyncio.run(ScriptedEmbedder().embed([QUESTION]))
    far = tuple(0.5 * a + 0.866 * b for a, b in zip(near, _beside(near), strict=True))
    items = (replace(NEW, embedding=far), replace(OLD, embedding=near))
    vectors = np.array([i.embedding for i in items], dtype=np.float32)
    model = ScriptedModel(name="read", states=deque([state]))
    ticks = count()
    mind = Thinker(
        "You like water.", (), Policy(), calibration_for("default"), model, ScriptedEmbedder(), lambda: next(ticks) / 1_000,
        items=Candidates(items, vectors, (), {"ann": "Ann"}),
    )  # fmt: skip
    return asyncio.run(think("r", moment(talk((BOB, "hello"), (ANN, QUESTION)), kind="addressed"), (), mind))


def _beside(near: tuple[float, ...]) -> tuple[float, ...]:
    """Of unit length, at a right angle to `near`."""
    other = np.zeros(len(near))
    other[int(np.argmin(np.abs(near)))] = 1.0
    other -= np.dot(other, near) * np.array(near)
    return tuple((other / np.linalg.norm(other)).tolist())


@pytest.fixture(autouse=True)
def probed(monkeypatch: pytest.MonkeyPatch) -> None:
    sure = Probe(np.zeros(2, np.float32), np.array([[0, 0], [10 / LENGTH, 0]], np.float32))
    monkeypatch.setattr(
        thoughts.superseded, "shipped", lambda name, model: sure if (name, model) == ("answering", "read") else None
    )


def test_what_gives_way_is_in_the_run_and_not_used() -> None:
    run = ran((1.0, 0.0))
    assert run.uses["old"] == "ignore"
    assert run.uses["new"] in ("support", "decide")
    assert {"old", "new"} <= {r.trace.id for r in run.retrieved}


def test_what_holds_is_used() -> None:
    assert ran((-1.0, 0.0)).uses["old"] == "decide"
