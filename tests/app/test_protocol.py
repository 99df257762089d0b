"""What no body on the wire may be."""

import pytest
from pydantic import ValidationError

from app.protocol import AgentChange, NewRoom, PolicyView


@pytest.mark.parametrize(
    "policy",
    [
        {"talk_share": 1.1},
        {"talk_share": float("nan")},
        {"im_threshold": 0.5},
        {"preset": "loud"},
        {"min_gap": -1},
        {"messages_per_hour": 1.5},
        {"quiet_hours": {"start": "24:00", "end": "07:00"}},
        {"quiet_hours": {"start": "22:00"}},
        {"bar": 3},
    ],
)
def test_policies_out_of_bounds(policy: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PolicyView.model_validate(policy)


def test_a_room_left_without_a_word_about_agents_gets_one_and_null_means_none() -> None:
    default = NewRoom.model_validate_json('{"name":"Tea"}')
    assert default.agent is not None
    assert default.agent.name == "Aside"
    assert NewRoom.model_validate_json('{"name":"Tea","agent":null}').agent is None


def test_null_unmutes_and_silence_leaves_it() -> None:
    assert "mute_until" in AgentChange.model_validate_json('{"mute_until":null}').model_fields_set
    assert "mute_until" not in AgentChange.model_validate_json("{}").model_fields_set
    assert AgentChange.model_validate({"mute_until": "2026-01-05T09:30:00Z"}).mute_until is not None
