from pathlib import Path

from evals.presets import preset_rates, usual_rate
from heuristics.calibration import RATES, calibration_for
from tests.thoughts.test_points import chat
from thoughts.points import points, rates


def test_a_preset_that_speaks_at_its_bar_is_counted_there(tmp_path: Path) -> None:
    found = points([chat(tmp_path, "abcab" * 12)], 40, 0)
    calibration = calibration_for("tiny")
    silent = preset_rates(found, [1.0] * len(found), calibration, 0.1)
    always = preset_rates(found, [5.0] * len(found), calibration, 0.1)
    assert {row["rate"] for row in silent.values()} == {0.0}
    assert {row["rate"] for row in always.values()} == {1.0}
    for name, times in RATES.items():
        assert always[name]["target"] == round(times * 0.1, 4)
        assert abs(always[name]["ratio"] * times * 0.1 - 1) < 0.01
    assert silent["active"]["ratio"] == 0.0


def test_the_usual_rate_is_the_median_participants(tmp_path: Path) -> None:
    file = chat(tmp_path, "abcab" * 12)
    found = rates(file, 20)
    # a and b write twice as often as c.
    assert len(found) == 3
    assert max(found) < 1
    assert usual_rate([file]) == sorted(found)[1]
    assert rates(file, 1000) == ()
    assert usual_rate([]) == 0.0
