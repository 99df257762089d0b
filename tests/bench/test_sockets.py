"""Idle readers that come back."""

import json

import pytest

from bench.sockets import main, resident


def test_all_come_back_and_find_what_they_missed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--small"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["sockets"], result["wrong"]) == (100, 0)
    assert result["kb_per_socket"] > 0


def test_a_process_has_memory() -> None:
    assert resident(1) > 0
