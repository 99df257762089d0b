"""Deliveries, and readers that stall."""

import json

import pytest

from bench.fanout import Taken, level_with, main, verdict
from bench.herd import Sheep
from bench.seeding import Seat


def test_everything_sent_reaches_everybody_who_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--small"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["missing"], result["wrong"]) == ([0, 0, 0], 0)
    assert result["p99_ms"] > 0


def test_only_what_is_due_while_counting_counts() -> None:
    taken = Taken()
    sheep = Sheep(Seat("u", "t", "r"), taken.heard)
    frame = b'{"type":"message","room":"r","seq":1,"message":{"text":"due %s x"}}'
    sheep._read(frame % b"1.5")
    taken.counting = True
    sheep._read(frame % b"0.0")
    assert taken.latencies == []
    sheep._read(frame % b"1.5")
    assert len(taken.latencies) == 1


def test_who_is_behind_is_not_level() -> None:
    herd = [Sheep(Seat(f"u{i}", "t", "r")) for i in range(3)]
    for one, seen in zip(herd, (3, 3, 2), strict=True):
        one.seen = seen
        one.transport = object()  # type: ignore[assignment]
    assert level_with(herd, 3) == herd[:2]
    assert level_with(herd, 4) == []
    herd[2].transport = None
    assert level_with(herd, 3) == herd


@pytest.mark.parametrize(
    "bad", [{"missing": [0, 1, 0]}, {"missing": [0, 0, -1]}, {"wrong": 1}, {"behind_at_the_end": 1}]
)
def test_what_did_not_arrive_is_no_success(bad: dict[str, object]) -> None:
    fine: dict[str, object] = {"missing": [0, 0, 0], "wrong": 0, "behind_at_the_end": 0}
    assert verdict(fine) == 0
    assert verdict(fine | bad) == 1
