import json

import pytest

from bench import memory


def test_a_small_database_gives_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert memory.main(["--items", "60", "--members", "3", "--rounds", "8", "--messages", "6"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["bench"] == "memory"
    assert figures["among"] > 0
    assert figures["kept"] > 0
    assert 0 < figures["p50_ms"] <= figures["p99_ms"]
    assert figures["ack_p99_ms_while_written"] > 0
