"""What the measurement says of readings whose answer is known."""

import random

import pytest

from conversation.places import Candidate, Kind, Place
from evals.coherence import figures, measured
from heuristics.reader import MEASURES, Head, Near, Reader
from inference.protocol import Reading
from tests.conversation.build import ANN, BOB, moment, talk
from thoughts.examples import Example

NOW = moment(talk(ANN, BOB))
READER = Reader("toy", 1, {"coherence": Head(0.0, (1.0,), (0.0,) * len(MEASURES))})


def _example(kind: Kind, chat: int, told: float, gain: float = 0.0, near: float = 0.0) -> Example:
    place = Place(f"chat{chat}", NOW, False, False, ())
    return Example(place, Candidate(kind, "…"), Reading(gain, 0.0, 1, (told,)), (Near(near),))


def _read(shift: float) -> list[Example]:
    rng = random.Random(0)
    kinds: tuple[Kind, ...] = ("true", "elsewhere", "reply elsewhere")
    return [_example(kind, i % 8, rng.gauss(shift * (kind == "true"), 1)) for i in range(160) for kind in kinds]


def test_the_figures_are_of_what_coherence_measures() -> None:
    found = figures(_read(2.0), READER, seed=0)
    assert found["auc"] == pytest.approx(0.92, abs=0.03)
    assert found["auc_hard"] == pytest.approx(0.92, abs=0.03)
    assert (found["auc_gain"], found["auc_nearest"]) == (0.5, 0.5)
    assert (found["pairs"], found["chats"]) == (160, 8)


def test_the_interval_holds_the_area_and_is_the_same_under_the_same_seed() -> None:
    found = figures(_read(1.0), READER, seed=0)
    interval, auc = found["interval"], found["auc"]
    assert isinstance(interval, list)
    assert isinstance(auc, float)
    assert 0.5 < interval[0] < auc < interval[1] < 1.0
    assert figures(_read(1.0), READER, seed=0) == found


def test_the_gain_and_the_nearest_message_are_measured_beside_it() -> None:
    kinds: tuple[Kind, ...] = ("true", "elsewhere", "reply elsewhere")
    read = [_example(k, c, 0.0, gain=float(k == "true"), near=float(k != "true")) for k in kinds for c in range(4)]
    found = figures(read, READER, seed=0)
    assert (found["auc"], found["auc_gain"], found["auc_nearest"]) == (0.5, 1.0, 0.0)


def test_a_model_without_a_reader_is_measured_by_its_gain() -> None:
    example = _example("true", 0, told=7.0, gain=2.0)
    assert measured(None)(example) == 2.0
    assert measured(READER)(example) == 7.0
    assert measured(Reader("toy", 1, {}))(example) == 2.0
