from hypothesis import given
from hypothesis import strategies as st

from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.originality import originality
from tests.conversation.build import moment, thought
from tests.heuristics.build import FLAT, PLAIN, judged

cosines = st.floats(-1, 1)


@given(near=cosines, far=cosines)
def test_it_never_rises_with_likeness_to_what_was_said(near: float, far: float) -> None:
    far, near = sorted((near, far))
    scale = Scale(centre=0.5, slope=4.0)
    echo, new = (originality(moment(), thought(), Evidence(likeness=x), scale).value for x in (near, far))
    assert 1 <= echo <= new <= 5


def test_a_repetition_is_lowest_and_a_stranger_high() -> None:
    scale = Scale(centre=0.5, slope=4.0)
    assert originality(moment(), thought(), Evidence(likeness=1.0), scale).value == 1.0
    assert originality(moment(), thought(), Evidence(likeness=0.0), scale).value == 5.0


def test_it_says_what_it_was_made_from() -> None:
    assert originality(moment(), thought(), judged("originality", FLAT), PLAIN).how == "judged"
    assert originality(moment(), thought(), Evidence(likeness=0.4), PLAIN).how == "measured"
    both = originality(moment(), thought(), judged("originality", FLAT, likeness=0.25), PLAIN)
    assert (both.how, both.raw.measured) == ("both", 0.75)
