"""Replies that are read once and kept."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference.stored_embedder import StoredEmbedder
from personalization.features import BUCKETS, FORM, Floats
from personalization.listener import Listener
from personalization.person import PLAIN
from personalization.phrasing import phrasing_for
from personalization.space import space_for
from personalization.talk import exercise_task
from training.replies import asked_replies, lesson_replies, who_asked


class Blank(StoredEmbedder):
    def __init__(self) -> None:
        super().__init__(Path("/nowhere"))

    def embed(self, texts: Sequence[str]) -> Floats:
        return np.zeros((len(texts), 2), dtype=np.float32)


def _listener(name: str) -> Listener:
    values = {d.name: d.prior for d in space_for(name).dimensions[:5]}
    outputs = sum(1 + len(p) for p in values.values()) + 4
    enter, leave = np.zeros((2 + BUCKETS + FORM, 1), np.float32), np.zeros((1, outputs), np.float32)
    return Listener(
        values, frozenset(), enter, enter[0], leave, leave[0], (1.0,) * (len(values) + 1), (0.0,) * len(values)
    )


def test_there_is_a_reply_for_everybody_to_every_question() -> None:
    task = exercise_task(space_for("exercise"))
    replies = asked_replies(task, (PLAIN,), phrasing_for("exercise"), _listener("exercise"), Blank(), 2, 0)
    assert len(replies.read) == 20 * 2**5
    assert all(len(some) == 2 for some in replies.read.values())
    traits = {d.name: "no" for d in task.space.dimensions}
    assert set(replies.one("tea", who_asked(task, traits), random.Random(0))) == set(task.matter)


def test_a_student_replies_to_every_act_but_the_last() -> None:
    replies = lesson_replies(PLAIN, phrasing_for("education"), _listener("education"), Blank(), 3, 0)
    assert len(replies.read) == 5 * 2
