"""What the measurement of the listener counts."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from evals import head
from evals.head import TURNS, Judged, calibration_error, figures, judged_as, messages, moves
from personalization.features import Floats
from personalization.person import draw
from personalization.phrasing import phrasing_in
from personalization.space import space_for

SPACE = space_for("preferences")
WORDS = phrasing_in(Path(__file__).parents[2] / "evals" / "phrasings", "preferences")
FLAT = {d.name: (1.0,) * len(d.values) for d in SPACE.dimensions}


def test_a_person_writes_five_messages_with_something_in_each() -> None:
    rng = random.Random(0)
    for _ in range(20):
        written = messages(SPACE, draw(SPACE, rng), WORDS, rng)
        assert all(written)
        assert len(written) == TURNS


def test_who_hears_nothing_guesses_the_commonest() -> None:
    rng = random.Random(0)
    people = [draw(SPACE, rng) for _ in range(400)]
    found = figures(SPACE, [judged_as(SPACE, [FLAT] * TURNS, p) for p in people])
    assert found["accuracy"] == pytest.approx(found["by_prior"], abs=0.05)
    assert found["calibration_error"] == pytest.approx(0, abs=0.05)


def test_calibration_is_the_gap_between_chance_and_how_often() -> None:
    sure = [Judged("length", 0.95, right) for right in [True] * 7 + [False] * 3]
    assert calibration_error(sure) == pytest.approx(0.25)
    assert calibration_error([*sure, *[Judged("length", 0.5, i % 2 == 0) for i in range(10)]]) == pytest.approx(0.125)
    assert calibration_error([]) == 0


def test_noise_that_moves_a_belief_is_seen() -> None:
    assert not moves(SPACE, FLAT)
    assert moves(SPACE, {**FLAT, "emoji": (1.0, 0.5)})
    assert not moves(SPACE, {**FLAT, "emoji": (1.0, 0.9)})


class Nothing:
    """An embedder of no meaning."""

    def embed(self, texts: Sequence[str]) -> Floats:
        return np.zeros((len(texts), 384), dtype=np.float32)

    def save(self) -> None:
        """Keeps nothing."""


@pytest.mark.parametrize("chats", [True, False])
def test_without_chats_noise_is_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], chats: bool
) -> None:
    monkeypatch.setattr(head, "reading_with", lambda *_: Nothing())
    monkeypatch.setattr(head, "reader", lambda *_: Nothing())
    head.main([*([str(tmp_path)] if chats else []), "--people", "1"])
    found = json.loads(capsys.readouterr().out)
    assert (found["moved_by_noise"], found["noise"]) == ((0, 0) if chats else (None, None))
    assert found["people"] == 1
