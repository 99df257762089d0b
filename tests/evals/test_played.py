"""What Aside gives at a decision point, and the file that keeps it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from evals import played
from evals.played import Kept, before, key_of, play, unasked
from heuristics.calibration import calibration_for
from inference.connect import ScriptedEngine
from inference.protocol import ModelUnavailableError
from tests.thoughts.test_points import chat
from thoughts.points import Point, points
from thoughts.policy import Policy

TINY, POLICY = calibration_for("tiny"), Policy()


@pytest.fixture
def point(tmp_path: Path) -> Point:
    return points([chat(tmp_path, "abc" * 20)], 1, seed=0)[0]


def test_a_point_runs_the_whole_pipeline(point: Point) -> None:
    answer = asyncio.run(play(point, ScriptedEngine(), TINY, POLICY))
    assert answer.error is None
    assert answer.thoughts
    assert all(len(scores) == 10 for scores in answer.thoughts)
    assert 1 < answer.drive(TINY, POLICY) < 5
    assert answer.single is not None
    assert answer.turn is not None


def test_a_rating_that_fails_makes_a_point_that_failed(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> float:
        raise ModelUnavailableError("gone")

    monkeypatch.setattr(played, "_single", fails)
    answer = asyncio.run(play(point, ScriptedEngine(), TINY, POLICY))
    assert answer.error == "ModelUnavailableError: gone"


def test_what_is_counted_from_the_talk_is_counted_anew(point: Point) -> None:
    answer = asyncio.run(play(point, ScriptedEngine(), TINY, POLICY))
    old = tuple(tuple(replace(s, raw=replace(s.raw, facts={})) for s in scores) for scores in answer.thoughts)
    assert replace(answer, thoughts=old, bare=()).counted(point, TINY) == answer


def test_with_a_reservoir_it_has_thought_about_what_others_wrote_before(point: Point) -> None:
    earlier = before(point.moment, 3)
    assert len(earlier) == 3
    assert all(m.last is not None and m.last.author.id != m.agent.id for m in earlier)
    assert earlier[-1].trigger.seq < point.moment.trigger.seq
    assert before(point.moment, 0) == ()
    assert key_of(point, "tiny", POLICY, 3) != key_of(point, "tiny", POLICY)
    answer = asyncio.run(play(point, ScriptedEngine(), TINY, POLICY, 3))
    assert answer.error is None


def test_what_was_kept_comes_back_the_same_and_a_cut_line_is_passed_over(point: Point, tmp_path: Path) -> None:
    answer = asyncio.run(play(point, ScriptedEngine(), TINY, POLICY))
    path = tmp_path / "timing" / "scripted.jsonl"
    Kept(path).put("one", answer)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"key": "two", "thou')
    found = Kept(path)
    assert found.get("one") == answer
    assert found.get("two") is None


def test_a_key_changes_with_what_the_model_reads(point: Point) -> None:
    key = key_of(point, "tiny", POLICY)
    assert key == key_of(point, "tiny", POLICY)
    assert key != key_of(point, "small", POLICY)
    assert key != key_of(point, "tiny", replace(POLICY, decay=1.0))
    assert key != key_of(replace(point, memories=()), "tiny", POLICY)


def test_without_a_model_the_talk_alone_drives(point: Point) -> None:
    answer = unasked(point, TINY)
    assert (answer.thoughts, answer.turn, answer.single) == ((), None, None)
    assert 1 < answer.drive(TINY, POLICY) < 5
