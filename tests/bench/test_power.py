"""A power cut under the service: nothing acknowledged is lost with what ships, and something is with less."""

import json

import pytest

from bench.power import main, missing


def test_nothing_is_lost_and_the_harness_can_fail(capfd: pytest.CaptureFixture[str]) -> None:
    if (lacks := missing()) is not None:
        pytest.skip(lacks)
    assert main(["--small"]) == 0
    result = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert result["acked"] > 0
    assert (result["lost"], result["duplicated"], result["gaps"]) == (0, 0, 0)
    assert result["normal_lost"] > 0
