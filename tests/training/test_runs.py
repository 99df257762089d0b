"""What is told of several runs, by hand."""

from pathlib import Path

import pytest

from training.runs import Measured, apart, draw_curves, in_rows, mean_and_half, summary


def _runs(*successes: float) -> list[Measured]:
    return [Measured(s, 0.5, 3.0, 2.0, 0.0, 0.9, {"a": s}) for s in successes]


def test_a_table_has_means_and_intervals() -> None:
    found = summary(_runs(0.8, 0.9))
    assert found["success"] == [0.85, pytest.approx(12.71 * 0.0707 / 2**0.5, abs=0.002)]
    assert found["per_type"] == {"a": found["success"]}
    assert summary(_runs(0.8))["turns"] == [3.0, 0.0]
    assert in_rows({"Ent": summary(_runs(0.8))}).splitlines()[-1].startswith("| Ent | 0.80 ± 0.00 |")


def test_a_type_that_one_run_never_met_is_that_of_the_others() -> None:
    (first, second), [other] = _runs(0.8, 0.9), [Measured(0.7, 0.5, 3.0, 2.0, 0.0, 0.9, {"b": 0.2})]
    per_type = summary([first, second, other])["per_type"]
    assert per_type == {"a": mean_and_half([0.8, 0.9]), "b": [0.2, 0.0]}


def test_rewards_are_told_apart_seed_by_seed() -> None:
    found = apart({"DiffAcc": _runs(0.8, 0.9, 0.7), "DiffEnt": _runs(0.79, 0.89, 0.69), "none": _runs(0.3, 0.3, 0.3)})
    assert found["DiffEnt - DiffAcc"] == [-0.01, 0.0]  # whatever moves both alike is no difference
    assert found["none - DiffAcc"] == [-0.5, pytest.approx(4.30 * 0.1 / 3**0.5, abs=0.001)]


def test_curves_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip(
        "matplotlib", reason="curves are drawn with matplotlib: pip install matplotlib, or `make test`, which does"
    )
    file = tmp_path / "curves.png"
    draw_curves({"Ent": [[(0.1, 3.0), (0.2, 4.0)], [(0.3, 3.0), (0.4, 2.0)]]}, "toy", file)
    assert file.read_bytes().startswith(b"\x89PNG")
