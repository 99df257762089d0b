"""docs/heuristics.md cannot fall behind the code: its sections, its questions and every number of its example."""

from pathlib import Path
from typing import get_args

import pytest

from conversation.decision import Bound
from heuristics.calibration import calibration_for
from heuristics.evidence import Distribution, Evidence, Rating
from heuristics.motivation import HEURISTICS, Heuristic, growth, motivation, rate
from tests.conversation.build import ANN, ASIDE, BOB, moment, talk, thought
from thoughts.policy import Policy

PAGE = (Path(__file__).parent.parent.parent / "docs" / "heuristics.md").read_text(encoding="utf-8")
ONE_LINE = " ".join(PAGE.split())
CALIBRATION = calibration_for("default")
POLICY = Policy()

RATED = {
    "relevance": (3.65, 3.10),
    "information_gap": (2.40, 2.90),
    "filling_gap": (4.10, 3.30),
    "expected_impact": (3.20, 3.00),
    "urgency": (2.10, 2.60),
    "coherence": (3.40, 3.00),
    "originality": (3.60, 3.20),
    "balance": (3.00, 3.10),
    "dynamics": (2.80, 2.90),
}
"""The example's ratings and baselines."""
LAKE = moment(
    talk(*[ANN, BOB, ASIDE] * 2, *[ANN, BOB, BOB] * 2, ASIDE, *[ANN, ANN, BOB] * 2, BOB),
    typing=frozenset({"ann"}),
    quiet_for=4.0,
)
"""Aside wrote 3 of 20, and seven messages by others came since."""


def section(title: str) -> str:
    _, _, after = PAGE.partition(f"\n## {title}\n")
    return " ".join(after.partition("\n#")[0].split())


def expecting(value: float) -> Distribution:
    """Some distribution with that mean."""
    share = (value - 1) / 4
    return (1 - share, 0.0, 0.0, 0.0, share)


@pytest.mark.parametrize("heuristic", HEURISTICS, ids=lambda h: h.name)
def test_each_heuristic_has_its_section_with_what_is_asked_and_how(heuristic: Heuristic) -> None:
    text = section(heuristic.title)
    assert f"*{heuristic.how.capitalize()}" in text
    assert ">" in text, "an example"
    assert f"**{heuristic.asks}**" in text if heuristic.asks else "No model is asked" in text


def test_the_sections_stand_in_the_order_of_the_code() -> None:
    titles = [line.removeprefix("## ") for line in PAGE.splitlines() if line.startswith("## ")]
    assert titles == [h.title for h in HEURISTICS]


def test_the_example_is_what_the_code_computes() -> None:
    ratings = {name: Rating(expecting(mean), 1.0, base) for name, (mean, base) in RATED.items()}
    evidence = Evidence(ratings, gain=12 / 9**0.5, likeness=0.62)
    scores = rate(LAKE, thought(), evidence, CALIBRATION)
    for heuristic, score in zip(HEURISTICS, scores, strict=True):
        assert f"**{score.value:.2f}**" in section(heuristic.title), heuristic.title
    assert LAKE.silent_turns == 7
    assert f"{growth(7, POLICY.silence_growth, POLICY.silence_cap):.3f}" in section("Silence")
    nine = [s.value for s in scores if s.heuristic != "silence"]
    drive = motivation(scores, CALIBRATION, POLICY.silence_growth, POLICY.silence_cap)
    assert f"mean of {sum(nine) / 9:.2f}" in ONE_LINE
    assert f"motivation of **{drive:.2f}**" in ONE_LINE
    active, selective = CALIBRATION.presets["active"], CALIBRATION.presets["selective"]
    assert active.im_threshold <= drive < active.interrupt_threshold
    assert drive < selective.im_threshold


def test_the_digits_of_the_first_example_have_its_mean() -> None:
    assert Rating((0.05, 0.10, 0.25, 0.35, 0.25), 1.0, 3.1).expected == pytest.approx(3.65)


def test_the_table_of_presets_is_the_calibrations() -> None:
    for name, bars in CALIBRATION.presets.items():
        cells = (bars.im_threshold, bars.interrupt_threshold, bars.allocated_threshold)
        assert f"| {name} | {' | '.join(f'{c:.2f}' for c in cells)} | {bars.system1_prob:.1f} |" in PAGE


def test_every_bound_is_explained_with_its_default() -> None:
    assert all(f"`{bound}`" in PAGE for bound in get_args(Bound))
    for words in (
        f"more than {POLICY.agent_budget} messages by agents",
        f"{POLICY.talk_share:.0%}".replace("%", " %") + f" or more of the last {POLICY.talk_window} messages",
        f"more than {POLICY.messages_per_hour} messages within an hour",
        f"within {POLICY.min_gap:.0f} s",
        f"`silence_growth` is {POLICY.silence_growth} and `silence_cap` {POLICY.silence_cap}",
    ):
        assert words in ONE_LINE, words
