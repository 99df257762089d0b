from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from heuristics.calibration import Scale
from heuristics.coherence import coherence
from heuristics.evidence import Evidence
from tests.conversation.build import moment, thought
from tests.heuristics.build import FLAT, PLAIN, judged

gains = st.floats(-20, 20)


@given(low=gains, high=gains)
def test_it_never_falls_as_the_talk_makes_the_thought_likelier(low: float, high: float) -> None:
    low, high = sorted((low, high))
    scale = Scale(centre=1.0, slope=0.5)
    values = [coherence(moment(), thought(), Evidence(gain=g), scale).value for g in (low, high)]
    assert 1 <= values[0] <= values[1] <= 5


def test_it_says_what_it_was_made_from() -> None:
    rated = judged("coherence", FLAT)
    assert coherence(moment(), thought(), rated, PLAIN).how == "judged"
    assert coherence(moment(), thought(), Evidence(gain=2.0), PLAIN).how == "measured"
    both = coherence(moment(), thought(), replace(rated, gain=2.0), PLAIN)
    assert (both.how, both.raw.measured) == ("both", 2.0)


def test_a_learned_reader_goes_before_the_gain() -> None:
    read = Evidence(gain=2.0, read={"coherence": -0.5})
    assert coherence(moment(), thought(), read, PLAIN).raw.measured == -0.5
    assert coherence(moment(), thought(), replace(read, read={"filling_gap": 1.0}), PLAIN).raw.measured == 2.0


def test_an_engine_without_log_probabilities_and_ratings_leaves_it_neutral() -> None:
    assert coherence(moment(), thought(), Evidence(), PLAIN).value == 3.0
