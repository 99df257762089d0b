import pytest

from conversation.score import How
from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.scoring import scored
from tests.heuristics.build import FIVES, PLAIN, judged


@pytest.mark.parametrize(
    ("evidence", "measured", "how"),
    [
        (judged("x"), None, "judged"),
        (judged("x"), 0.0, "both"),
        (judged("another"), 0.0, "measured"),
        (Evidence(), 1.5, "measured"),
    ],
)
def test_how_says_what_was_really_there(evidence: Evidence, measured: float | None, how: How) -> None:
    score = scored("x", evidence, PLAIN, measured)
    assert score.how == how
    assert (score.distribution is None) == (how == "measured")
    assert score.raw.measured == measured


def test_the_value_is_what_the_scale_makes_of_the_raw_numbers() -> None:
    scale = Scale(gain=0.5, centre=1.0, slope=2.0, mix=0.25)
    score = scored("x", judged("x", FIVES, baseline=4.0), scale, 1.25)
    # judged 3 + 0.5·(5 − 4) = 3.5; measured 3 + 2·(1.25 − 1) = 3.5
    assert score.value == 3.5 == scale.value(score.raw)
