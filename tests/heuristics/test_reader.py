"""A reader's file, and what it makes of a reading."""

import json
import math
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heuristics.calibration import calibration_for
from heuristics.motivation import HEURISTICS
from heuristics.reader import (
    LATELY,
    MEASURES,
    Head,
    Near,
    Reader,
    ReaderError,
    gain,
    measures,
    parse,
    reader_for,
    write,
)
from inference.protocol import Reading

SHIPPED = sorted(
    file.name.removesuffix(".json") for file in (resources.files("heuristics") / "readers").iterdir() if file.is_file()
)
READING = Reading(given=-18.0, alone=-30.0, tokens=9, hidden=(1.0, -2.0))
HEAD = Head(bias=0.5, hidden=(2.0, 0.25), measures=(1.0, *[0.0] * (len(MEASURES) - 1)))
READER = Reader("toy", 2, {"coherence": HEAD})
weights = st.floats(-100, 100, width=32)


def test_a_logit_is_bias_and_weighted_sums() -> None:
    assert READER.read(READING, ()) == {"coherence": pytest.approx(0.5 + 2.0 - 0.5 + 4.0)}


@pytest.mark.parametrize("hidden", [(), (1.0,), (1.0, 2.0, 3.0)])
def test_another_hidden_state_than_it_was_fitted_on_is_not_read(hidden: tuple[float, ...]) -> None:
    assert READER.read(Reading(-18.0, -30.0, 9, hidden), ()) == {}


def test_the_measures_are_named_in_their_order() -> None:
    near = tuple(Near(c, asks=i in (1, 2)) for i, c in enumerate((0.25, 0.0, 0.5, 0.0, 0.0, 1.0, 0.0)))
    found = dict(zip(MEASURES, measures(READING, near), strict=True))
    assert found == {
        "gain": 4.0,
        "given": -2.0,
        "alone": pytest.approx(-30 / 9),
        "root": 3.0,
        "nearest": 1.0,
        "last": 0.25,
        "lately": 0.5,
        "around": 0.25,
        "asked": 0.5,
        "asked_last": 0.0,
        "told": 1.0,
    }
    assert near[LATELY] == Near(1.0)


def test_nothing_said_and_nothing_read_have_measures_too() -> None:
    assert all(math.isfinite(m) for m in measures(Reading(0.0, 0.0, 0), ()))
    assert gain(Reading(-6.0, -8.0, 0)) == 2.0


@given(bias=weights, hidden=st.tuples(weights, weights), measured=st.tuples(*[weights] * len(MEASURES)))
def test_what_is_written_is_read_again(bias: float, hidden: tuple[float, float], measured: tuple[float, ...]) -> None:
    reader = Reader("toy", 2, {"originality": Head(bias, hidden, measured)})
    assert parse(write(reader)) == reader


def _document() -> dict[str, Any]:
    loaded = json.loads(write(READER))
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("bias", "0.5"),
        ("bias", float("nan")),
        ("hidden", "AAAA"),
        ("hidden", "not base64"),
        ("hidden", None),
        ("measures", {}),
        ("measures", [1.0]),
        ("measures", dict.fromkeys(MEASURES, "x")),
    ],
)
def test_a_head_that_is_none_is_refused(part: str, value: object) -> None:
    document = _document()
    document["heads"]["coherence"][part] = value
    with pytest.raises(ReaderError):
        parse(json.dumps(document))


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[]", '"tiny"', '{"model": "toy", "width": "2", "heads": {"x": {}}}']
)
def test_a_file_that_is_no_reader_is_refused(text: str) -> None:
    with pytest.raises(ReaderError):
        parse(text)


def test_most_models_have_none() -> None:
    assert reader_for("no-such-model") is None
    assert reader_for("../calibrations/tiny") is None


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_reader_reads_heuristics_and_has_a_calibration(name: str) -> None:
    reader = reader_for(name)
    assert reader is not None
    assert reader.model == name
    assert set(reader.heads) <= {h.name for h in HEURISTICS if h.how == "both"}
    # The default calibration knows what a gain is, not what a logit is.
    assert calibration_for(name).name != calibration_for("default").name


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_reader_is_small(name: str) -> None:
    file = resources.files("heuristics") / "readers" / f"{name}.json"
    assert len(file.read_bytes()) < 60_000


def test_the_model_that_cannot_rate_in_words_has_one() -> None:
    reader = reader_for("tiny")
    assert reader is not None
    assert reader.width == 576
    assert "coherence" in reader.heads
    fitting = Reading(given=-20.0, alone=-40.0, tokens=16, hidden=(0.0,) * 576)
    near, far = (reader.read(fitting, cosines)["coherence"] for cosines in ((Near(0.6),) * 20, (Near(0.0),) * 20))
    assert near > far
