from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from memory.probe import LENGTH, Probe, ProbeError, features, parse, shipped, write

TWO = Probe(np.array([0.0, 1.0], np.float32), np.array([[0.0, 0.0], [0.5, -0.25]], np.float32))


def test_chances_of_a_row_are_one_together() -> None:
    found = TWO.chances(np.array([[2.0, 4.0], [0.0, 0.0]], np.float32))
    assert_allclose(found.sum(axis=1), 1)
    assert_allclose(found[:, 1], 1 / (1 + np.exp(-np.array([1.0, 1.0]))))


def test_each_of_the_last_classes_means_yes() -> None:
    three = Probe(np.zeros(3, np.float32), np.array([[0, 0], [1, 0], [0, 1]], np.float32), affirming=2)
    rows = np.array([[0.0, 0.0], [30.0, 0.0], [0.0, 30.0], [-30.0, -30.0]], np.float32)
    assert_allclose(three.affirms(rows), [2 / 3, 1, 1, 0], atol=1e-6)
    assert_allclose(replace(three, affirming=1).affirms(rows), three.chances(rows)[:, 2])
    again = parse(write(three))
    assert again.affirming == 2
    with pytest.raises(ProbeError, match="affirming"):
        parse(write(TWO).replace('"affirming"', '"_"'))


@pytest.mark.parametrize("many", [0, 2, -1])
def test_some_classes_mean_yes_and_some_do_not(many: int) -> None:
    with pytest.raises(ProbeError, match=f"affirming {many} of 2"):
        replace(TWO, affirming=many)


def test_a_state_counts_by_its_direction() -> None:
    found = features([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    assert_allclose(found, [[0.6 * LENGTH, 0.8 * LENGTH], [0.6 * LENGTH, 0.8 * LENGTH], [0.0, 0.0]], rtol=1e-6)


def test_what_is_written_is_read_again() -> None:
    again = parse(write(TWO))
    assert_allclose(again.weights, TWO.weights)
    assert_allclose(again.bias, TWO.bias)
    assert again.width == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"width": 2, "bias": [0, 1], "weights": "AAAA"}',
        '{"width": 1, "bias": [0, "x"], "weights": "AAAAAA=="}',
        '{"width": 1, "bias": [0, NaN], "weights": "AAAAAA=="}',
    ],
)
def test_a_file_that_is_no_probe_is_refused(text: str) -> None:
    with pytest.raises(ProbeError):
        parse(text)


def test_biases_and_weights_must_fit() -> None:
    with pytest.raises(ProbeError, match="do not fit"):
        replace(TWO, bias=np.zeros(3, np.float32))


@pytest.mark.parametrize(
    "name", ["keeping", "kinds", "narrowed", "closing", "answering", "holding", "applying", "agreeing"]
)
def test_the_probes_of_the_built_in_model_are_there(name: str) -> None:
    found = shipped(name, "small")
    assert found is not None
    assert found.width == 1536
    classes, affirming = {"keeping": (11, 7), "closing": (12, 4), "answering": (11, 5), "kinds": (3, 1)}.get(
        name, (2, 1)
    )
    assert (len(found.bias), found.affirming) == (classes, affirming)
    assert shipped(name, "somebody/else") is None
