from dataclasses import fields, replace
from datetime import time
from typing import Any

import pytest

from app.protocol import AgentView, PolicyView, QuietHours, QuietView, RunView
from app.thought_views import policy_of, run_view, score_view, thought_view
from conversation.decision import Decision
from conversation.score import Raw, Score
from inference.protocol import Usage
from memory.saliency import Retrieved, Trace
from tests.conversation.build import ANN, ASIDE, BOB, NOW, moment, talk, thought
from thoughts import policy as deciding
from thoughts.basis import Basis
from thoughts.evaluation import Turn
from thoughts.footing import footing
from thoughts.policy import Policy
from thoughts.run import Run


def agent(**changed: Any) -> AgentView:
    plain = AgentView(
        id="aside",
        room="room",
        name="Aside",
        persona="",
        memories=[],
        model="tiny",
        mode="speak",
        policy=PolicyView(),
        policy_version=3,
    )
    return plain.model_copy(update=changed)


def test_the_default_policy_of_the_wire_is_the_default_that_decides() -> None:
    assert policy_of(agent()) == Policy(version=3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("preset", "chatty"),
        ("im_threshold", 1.5),
        ("interrupt_threshold", 2.5),
        ("allocated_threshold", 3.5),
        ("system1_prob", 0.5),
        ("silence_growth", 1.1),
        ("silence_cap", 7),
        ("talk_share", 0.1),
        ("tokens_per_day", 9_000),
        ("talk_window", 9),
        ("messages_per_hour", 4),
        ("min_gap", 60.0),
        ("agent_budget", 5),
        ("pause", 30.0),
        ("debounce", 0.5),
        ("decay", 0.5),
    ],
)
def test_each_field_of_a_policy_arrives_under_its_name(field: str, value: object) -> None:
    changed = policy_of(agent(policy=PolicyView.model_validate({field: value})))
    expected: dict[str, Any] = {field: value}
    assert changed == replace(Policy(version=3), **expected)


def test_no_field_of_the_wires_policy_is_left_behind() -> None:
    assert set(PolicyView.model_fields) | {"mode", "mute_until", "quiet_until", "bar_offset", "version"} == {
        f.name for f in fields(Policy)
    }


def test_quiet_hours_mode_and_mute_arrive() -> None:
    view = agent(policy=PolicyView(quiet_hours=QuietHours(start="22:00", end="07:30", zone="Europe/Rome")))
    assert policy_of(view).quiet_hours == deciding.QuietHours(time(22), time(7, 30), "Europe/Rome")
    muted = policy_of(agent(mode="shadow", mute_until=NOW))
    assert (muted.mode, muted.mute_until, muted.quiet_until) == ("shadow", NOW, None)
    assert policy_of(agent(quiet=QuietView(until=NOW, by="bob", name="Bob", message="m1"))).quiet_until == NOW


SCORE = Score("relevance", 3.123456, "judged", (0.1, 0.2, 0.4, 0.2, 0.1), Raw(judged=3.0, baseline=2.9, mass=0.7))


def test_a_score_is_shown_whole_with_its_raw_numbers() -> None:
    view = score_view(SCORE)
    assert (view.heuristic, view.value, view.how) == ("relevance", 3.1235, "judged")
    assert view.distribution == [0.1, 0.2, 0.4, 0.2, 0.1]
    assert view.raw.model_dump() == {"judged": 3.0, "baseline": 2.9, "mass": 0.7, "measured": None, "facts": {}}


def test_a_measured_score_has_no_distribution() -> None:
    assert score_view(Score("silence", 1.0, "measured", None, Raw(measured=0.0))).distribution is None


def test_a_thought_is_shown_without_its_embedding() -> None:
    view = thought_view(replace(thought(motivation=3.7, embedding=(1.0, 0.0)), scores=(SCORE,), why="said"))
    assert view.model_dump(exclude={"scores", "formed_at"}) == {
        "id": "t1",
        "kind": "system2",
        "text": "The lake is warm in June.",
        "stimuli": ["m1"],
        "motivation": 3.7,
        "state": "held",
        "why": "said",
        "formed_seq": 1,
        "audience": None,
    }
    assert [s.heuristic for s in view.scores] == ["relevance"]


def shown(run: Run) -> RunView:
    return run_view(run, "tiny", "tiny-1", 3)


NOW_TALKED = moment(talk(ANN, BOB), kind="pause", nth=1)


def test_a_run_is_shown_whole() -> None:
    run = Run(
        "r1",
        NOW_TALKED,
        retrieved=(Retrieved(Trace("k1", "memory", "cold", (1.0,)), 0.51239),),
        thoughts=(thought(),),
        turn=Turn({"bob": 0.25, "anyone": 0.75}, None),
        decision=Decision("hold", "t1", "open", 3.59, "Not now.", "min_gap"),
        stages={"retrieval": 1.5},
        spent={"formation": Usage(60, 20, 7), "evaluation": Usage(40, 30, 0)},
        seed=42,
    )
    view = shown(run)
    assert view.trigger.model_dump() == {"kind": "pause", "seq": 2, "nth": 1}
    assert (view.retrieved[0].id, view.retrieved[0].saliency) == ("k1", 0.5124)
    assert view.turn == {"Bob": 0.25, "anyone": 0.75}
    assert view.decision.model_dump() == {
        "act": "hold",
        "thought": "t1",
        "branch": "open",
        "bar": 3.59,
        "reason": "Not now.",
        "bound": "min_gap",
        "emoji": None,
    }
    assert view.tokens.model_dump() == {"prompt": 100, "cached": 50, "generated": 7}
    assert {stage: tokens.prompt for stage, tokens in view.spent.items()} == {"formation": 60, "evaluation": 40}
    assert (view.model, view.calibration, view.policy_version, view.seed) == ("tiny", "tiny-1", 3, 42)
    assert (view.room, view.agent, view.at, view.stages) == ("room", "aside", NOW, {"retrieval": 1.5})
    assert (view.outcome, view.message, view.error, view.gate) == (None, None, None, None)


def test_a_run_that_was_stopped_or_failed_is_shown_too() -> None:
    assert (shown(Run("r", NOW_TALKED, gate="muted")).gate, shown(Run("r", NOW_TALKED)).turn) == ("muted", {})
    assert shown(Run("r", NOW_TALKED, error="ModelError: down")).error == "ModelError: down"


def test_a_decision_comes_with_all_that_it_was_made_from() -> None:
    night = deciding.QuietHours(time(22), time(7, 30), "Europe/Rome")
    policy = Policy(preset="chatty", mode="shadow", mute_until=NOW, quiet_hours=night, version=3)
    turn = Turn({"bob": 1 / 3, "anyone": 2 / 3}, None)
    basis = Basis(footing(moment(talk(ANN, ASIDE, BOB), kind="pause")), turn, policy)
    view = shown(Run("r", NOW_TALKED, thoughts=(replace(thought(), scores=(SCORE,)),), turn=turn, basis=basis))
    read = RunView.model_validate_json(view.model_dump_json())
    assert read == view
    assert read.basis == basis
