import json

import pytest

from bench import redecide


def test_a_log_decided_again_is_the_same_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert redecide.main(["--runs", "300"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["identical"] is True
    assert result["runs"] >= 300
    assert {"seconds", "rerated_seconds", "read_seconds"} <= set(result)


def test_a_log_has_several_agents_every_act_and_most_bounds() -> None:
    rows = [json.loads(row) for row in redecide.log(900, 3, seed=2)]
    assert len({row["agent"] for row in rows}) == 3
    assert {row["decision"]["act"] for row in rows} >= {"speak", "hold"}
    bounds = {row["decision"]["bound"] for row in rows}
    assert {"muted", "own_turn", "agent_budget", "quiet_hours", "talk_share", "shadow", "outbid"} <= bounds
