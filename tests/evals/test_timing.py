"""The measurement of timing, on the scripted double."""

import json
from collections import Counter
from pathlib import Path

import pytest

from evals import ablation, timing
from evals.played import unasked
from heuristics.calibration import calibration_for
from tests.thoughts.test_points import chat
from thoughts.points import points

KEYS = {
    "auc",
    "auc_unaddressed",
    "interval",
    "average_precision",
    "balanced_accuracy",
    "missed_needs",
    "false_alarms",
    "correct_silences",
    "correct_speeches",
    "baselines",
    "points",
    "seconds_per_point",
}


def run(tmp_path: Path, *more: str) -> list[str]:
    file = chat(tmp_path, "abcab" * 12)
    return [str(file), "--cache", str(tmp_path), "--limit", "12", *more]


def last_line(text: str) -> dict[str, object]:
    found = json.loads(text.splitlines()[-1])
    assert isinstance(found, dict)
    return found


def test_it_reports_and_writes_predictions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "predictions.jsonl"
    timing.main(run(tmp_path, "--model", "scripted", "--calibration", "tiny", "--out", str(out)))
    found = last_line(capsys.readouterr().out)
    assert found.keys() >= KEYS
    assert found["points"] == 12
    apart = found["unaddressed"]
    assert isinstance(apart, dict)
    parts = ("missed_needs", "false_alarms", "correct_silences", "correct_speeches")
    assert sum(apart[name] for name in parts) == pytest.approx(1, abs=1e-3)
    assert {"average_precision", "balanced_accuracy", *parts} == set(apart)
    assert set(found["baselines"]) == {"mention", "own_rate", "structural", "next_speaker", "single_rating"}  # type: ignore[call-overload]
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 12
    assert all(set(row) == {"chat", "id", "participant", "score", "spoke"} for row in rows)


def test_a_second_run_asks_no_model_and_says_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    timing.main(run(tmp_path, "--model", "scripted"))
    first = last_line(capsys.readouterr().out)
    monkeypatch.setattr(timing, "connect", None)
    timing.main(run(tmp_path, "--model", "scripted"))
    assert last_line(capsys.readouterr().out) == first


def test_what_stands_is_reported_without_asking(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    timing.main(run(tmp_path, "--model", "scripted"))
    kept = tmp_path / "timing" / "scripted.jsonl"
    kept.write_text("".join(kept.read_text(encoding="utf-8").splitlines(keepends=True)[:9]), encoding="utf-8")
    capsys.readouterr()
    monkeypatch.setattr(timing, "connect", None)
    timing.main(run(tmp_path, "--model", "scripted", "--stored"))
    assert last_line(capsys.readouterr().out)["points"] == 9


def test_a_run_that_is_stopped_has_asked_about_every_chat(tmp_path: Path) -> None:
    paths = []
    for name in "xyz":
        (tmp_path / name).mkdir()
        paths.append(chat(tmp_path / name, "abcab" * 12).rename(tmp_path / f"{name}.jsonl"))
    sampled = points(paths, 30, 0)
    order = timing.in_turn([(p, str(n)) for n, p in enumerate(sampled)])
    assert sorted(int(key) for _, key in order) == list(range(30))
    assert Counter(p.chat for p, _ in order[:12]) == {"x": 4, "y": 4, "z": 4}


def test_without_a_model_there_are_no_baselines_that_ask_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    timing.main(run(tmp_path, "--model", "none"))
    found = last_line(capsys.readouterr().out)
    assert set(found["baselines"]) == {"mention", "own_rate", "structural"}  # type: ignore[call-overload]


def test_ablation_takes_each_part_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ablation.main(run(tmp_path, "--model", "scripted", "--calibration", "tiny", "--sample", "6"))
    variants = last_line(capsys.readouterr().out)["variants"]
    assert isinstance(variants, dict)
    assert len([name for name in variants if name.startswith("without ")]) == 14
    assert {"whole", "written ratings"} <= set(variants)
    assert {"sample without fading", "sample without memories", "sample with a reservoir"} <= set(variants)
    assert variants["whole"]["change"] == 0.0


def test_those_that_are_asked_again_are_of_all_chats(tmp_path: Path) -> None:
    some = points([chat(tmp_path, "abcab" * 12)], 12, 0)
    seen = [(p, unasked(p, calibration_for("tiny"))) for p in some]
    assert [seen.index(one) for one in ablation.spread(seen, 4)] == [0, 3, 6, 9]
    assert ablation.spread(seen, 20) == seen
