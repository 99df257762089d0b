from datetime import UTC, datetime
from typing import Any

from app.protocol import DecisionView, RawView, RunView, ScoreView, ThoughtView, TokensView, TriggerView
from bench.visit import verdict

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def run(seq: int, scores: int = 10, **given: Any) -> RunView:
    score = ScoreView(heuristic="relevance", value=3.0, how="judged", distribution=None, raw=RawView())
    thought = ThoughtView(
        id=f"t{seq}",
        kind="system1",
        text="rain",
        stimuli=[],
        scores=[score] * scores,
        motivation=3.0,
        state="held",
        formed_seq=seq,
        formed_at=AT,
    )
    fields: dict[str, Any] = {
        "id": f"n{seq}",
        "room": "r",
        "agent": "a",
        "trigger": TriggerView(kind="message", seq=seq),
        "gate": None,
        "retrieved": [],
        "thoughts": [thought],
        "turn": {},
        "decision": DecisionView(act="hold", thought=None, branch="open", bar=3.0, reason="below the bar"),
        "stages": {},
        "tokens": TokensView(prompt=0, cached=0, generated=0),
        "model": "scripted",
        "calibration": "none",
        "policy_version": 1,
        "seed": 1,
        "error": None,
        "at": AT,
    }
    return RunView(**fields | given)


def test_a_good_visit_has_nothing_to_complain_of() -> None:
    assert verdict([run(1), run(2)], 1, "speak") == []
    assert verdict([run(1)], 0, "shadow") == []


def test_each_broken_promise_is_named() -> None:
    assert verdict([], 1, "speak") == ["no thought was formed"]
    assert verdict([run(1, scores=9)], 1, "speak") == ["thought t1 has 9 scores"]
    assert verdict([run(1)], 0, "speak") == ["a chatty agent said nothing"]
    assert verdict([run(1)], 2, "shadow") == ["2 messages were said in mode shadow"]
    assert verdict([run(1, error="timed out")], 1, "speak") == ["run n1 failed: timed out"]
    assert verdict([run(1), run(1)], 1, "speak") == ["2 decisions on one trigger ('message', 1, 0)"]
