"""Damaged frames: of every kind, some of them whole, the same ones for the same seed."""

import json
import random

from app.frames import CLIENT_FRAME
from bench.mutations import TEXTS, VALUES, lawful, mutated


def test_what_is_lawful_is_understood() -> None:
    rng = random.Random(1)
    kinds = set()
    for _ in range(200):
        frame = lawful(rng, "room", "message")
        kinds.add(CLIENT_FRAME.validate_json(json.dumps(frame)).type)
    assert kinds == {"send", "typing", "react", "edit", "delete", "watch", "hello", "ping"}


def test_every_accident_changes_something_and_leaves_the_frame_it_was_given() -> None:
    rng = random.Random(2)
    for accident in VALUES:
        frame = lawful(rng, "room", "message")
        before = json.dumps(frame)
        changed = [json.dumps(accident(rng, frame)) != before for _ in range(50)]
        assert any(changed), accident
        assert json.dumps(frame) == before
    text = json.dumps(lawful(rng, "room", "message"))
    for damage in TEXTS:
        assert any(damage(rng, text) != text for _ in range(50)), damage


def test_a_seed_gives_the_same_frames_and_another_does_not() -> None:
    def some(seed: int) -> list[str | bytes]:
        rng = random.Random(seed)
        return [mutated(rng, "room", "message") for _ in range(100)]

    assert some(1) == some(1)
    assert some(1) != some(2)
