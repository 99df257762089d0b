from heuristics.calibration import Scale
from heuristics.evidence import Evidence
from heuristics.silence import silence
from tests.conversation.build import ANN, ASIDE, moment, talk, thought

SCALE = Scale(centre=5.0, slope=0.4)


def test_it_rises_with_every_message_of_others_up_to_five() -> None:
    values = [silence(moment(talk(ASIDE, *[ANN] * n)), thought(), Evidence(), SCALE).value for n in range(13)]
    assert values == sorted(values)
    assert len(set(values)) == 11
    assert (values[0], values[-1]) == (1.0, 5.0)


def test_speaking_starts_it_again() -> None:
    assert silence(moment(talk(ANN, ANN, ASIDE)), thought(), Evidence(), SCALE).raw.measured == 0.0


def test_it_is_measured_and_never_judged() -> None:
    score = silence(moment(talk(ANN)), thought(), Evidence(), SCALE)
    assert (score.how, score.distribution, score.raw.measured) == ("measured", None, 1.0)
