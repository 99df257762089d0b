"""The verdict of the soak: it must be able to be bad."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.soak import PARTS, children, descriptors, main, of_children, verdict
from bench.sockets import resident

FINE: dict[str, object] = {
    "minutes": 30.0,
    "memory_ratio": 1.02,
    "unanswered": 0,
    "rooms_left": 0,
    "tasks_leaked": 0,
    "descriptors_leaked": 0,
    "tracebacks": 0,
}


def test_flat_is_fine_and_fewer_than_before_too() -> None:
    assert verdict(FINE) == 0
    assert verdict(FINE | {"descriptors_leaked": -1}) == 0


@pytest.mark.parametrize(
    "bad",
    [
        {"memory_ratio": 1.11},
        {"rooms_left": 1},
        {"tasks_leaked": 2},
        {"descriptors_leaked": 1},
        {"unanswered": 1},
        {"tracebacks": 1},
    ],
)
def test_what_grew_or_stayed_is_not(bad: dict[str, object]) -> None:
    assert verdict(FINE | bad) == 1


def test_a_minute_is_too_short_to_judge_memory() -> None:
    assert verdict(FINE | {"minutes": 0.67, "memory_ratio": 1.2}) == 0


def test_files_of_the_database_are_not_counted(tmp_path: Path) -> None:
    before = descriptors(os.getpid())
    with (tmp_path / "aside.db").open("w"), (tmp_path / "aside.db-wal").open("w"), (tmp_path / "log").open("w"):
        assert descriptors(os.getpid()) == before + 1


def test_memory_of_the_model_is_that_of_the_children() -> None:
    command = [sys.executable, "-c", "print(flush=True); input()"]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        other.stdout.readline()  # it has started, and grows no more
        assert other.pid in children(os.getpid())
        assert of_children(os.getpid()) >= resident(other.pid) > 0
    finally:
        other.communicate(b"\n")
    assert other.pid not in children(os.getpid())


def test_people_come_and_go_and_nothing_of_them_stays(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--small"])
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert status == 0, result
    assert result["arrivals"] > 40
    assert result["messages"] > 40
    assert result["tracebacks"] == 0
    assert len(result["model_memory_mb"]) == PARTS
