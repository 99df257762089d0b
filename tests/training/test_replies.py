"""Replies that are read once and kept."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from inference.stored_embedder import StoredEmbedder
from personalization.features import BUCKETS, FORM, Floats
from personalization.listener import Listener
from personalization.person import PLAIN
from personalization.phrasing import phrasing_for
from personalization.space import space_for
from personalization.talk import exercise_task
from training.replies import asked_replies, left_out_replies, lesson_replies, spelt, who_asked


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


def test_who_answers_in_the_phrases_of_training_is_heard_by_who_never_heard_them() -> None:
    task, phrasing = exercise_task(space_for("exercise")), phrasing_for("exercise")
    heard: list[list[str]] = []

    class Hears(Blank):
        def embed(self, texts: Sequence[str]) -> Floats:
            heard.append([t.split("\n")[-1] for t in texts])
            return super().embed(texts)

    ears = replace(_listener("exercise"), questions={d.name: d.ask for d in task.space.dimensions})
    replies = left_out_replies(task, (PLAIN,), phrasing, [ears, ears], Hears(), 8)
    assert all(len(some) == 8 for some in replies.read.values())
    for part, texts in enumerate(heard):
        seen, unseen = phrasing.split(part, 2)
        words = {w for s in spelt(seen).said["outdoor"].values() for w in s}
        others = {w for s in spelt(unseen).said["outdoor"].values() for w in s}
        assert not (words - others) & set(texts)
        assert len(others & set(texts)) > 10


def test_a_student_replies_to_every_act_but_the_last() -> None:
    replies = lesson_replies(PLAIN, phrasing_for("education"), _listener("education"), Blank(), 3, 0)
    assert len(replies.read) == 5 * 2
