"""Heads fitted to examples whose answer is known."""

import random
from dataclasses import replace

import numpy as np
import pytest

from conversation.places import Candidate, Kind, Place
from heuristics.reader import MEASURES, Near, measures
from inference.protocol import Reading
from tests.conversation.build import ANN, BOB, moment, talk
from thoughts.examples import Example
from training.reader import TARGETS, Target, figures, fit, logistic, of_target

NOW = moment(talk(ANN, BOB))
TARGET = Target("true", ("elsewhere",), asked=False, plain="gain")


def _example(kind: Kind, chat: str, hidden: tuple[float, ...], gain: float = 0.0, question: bool = True) -> Example:
    place = Place(chat, NOW, question, False, ())
    reading = Reading(given=gain - 3.0, alone=-3.0, tokens=1, hidden=hidden)
    return Example(place, Candidate(kind, "…"), reading, (Near(0.5), Near(0.2)))


def _examples(rng: random.Random, shift: float = 2.0) -> list[Example]:
    """A true reply has a larger second number of its hidden state; its gain tells nothing."""
    kinds: tuple[Kind, Kind] = ("true", "elsewhere")
    return [
        _example(kind, f"chat{i % 7}", (rng.gauss(0, 1), rng.gauss(shift * (kind == "true"), 1)), rng.gauss(0, 1))
        for i in range(200)
        for kind in kinds
    ]


def test_a_head_finds_what_tells_them_apart() -> None:
    head = fit(TARGET, _examples(random.Random(0)))
    assert head.hidden[1] > 0.3
    assert abs(head.hidden[0]) < 0.1
    assert len(head.measures) == len(MEASURES)
    found = figures(TARGET, head, _examples(random.Random(1)))
    # Two bells of width 1 that stand 2 apart: Φ(2/√2) = 0.921.
    assert found["auc"] == pytest.approx(0.92, abs=0.03)
    assert found["baseline"] == pytest.approx(0.5, abs=0.06)
    assert (found["positives"], found["negatives"]) == (200, 200)


def test_where_nothing_tells_them_apart_the_head_says_so() -> None:
    head = fit(TARGET, _examples(random.Random(0), shift=0.0))
    assert figures(TARGET, head, _examples(random.Random(1), shift=0.0))["auc"] == pytest.approx(0.5, abs=0.08)


def test_a_measure_that_tells_them_apart_is_not_shrunk_away() -> None:
    rng = random.Random(0)
    read = [
        replace(e, reading=replace(e.reading, given=-3.0 + 2.0 * (e.candidate.kind == "true"))) for e in _examples(rng)
    ]
    assert fit(TARGET, read).measures[MEASURES.index("gain")] > 0.3


def test_the_logistic_regression_has_the_gradient_of_none() -> None:
    rng = np.random.default_rng(0)
    features, came = rng.normal(size=(80, 3)), (rng.random(80) < 0.3).astype(float)
    penalties = np.array([1.0, 2.0, 0.5])
    weights, bias = logistic(features, came, penalties)
    believed = 1 / (1 + np.exp(-(features @ weights + bias)))
    counts = np.where(came == 1, 0.5 / came.mean(), 0.5 / (1 - came.mean()))
    slope = features.T @ (counts * (believed - came)) + penalties * weights
    assert np.abs(slope).max() < 1e-4
    assert (counts * (believed - came)).sum() == pytest.approx(0.0, abs=1e-4)


def test_only_answers_to_questions_fill_a_gap() -> None:
    read = [
        _example("true", "a", (1.0,), question=True),
        _example("true", "a", (2.0,), question=False),
        _example("near", "a", (3.0,)),
        _example("elsewhere", "a", (4.0,)),
    ]
    answers, others = of_target(TARGETS["filling_gap"], read)
    assert ([e.reading.hidden for e in answers], [e.reading.hidden for e in others]) == ([(1.0,)], [(3.0,)])


def test_coherence_has_every_true_reply() -> None:
    read = [_example("true", "a", (), question=q) for q in (True, False)] + [_example("again", "a", ())]
    came, did_not = of_target(TARGETS["coherence"], read)
    assert (len(came), len(did_not)) == (2, 0)


def test_a_head_sees_the_very_numbers_it_was_fitted_on() -> None:
    read = _examples(random.Random(2))
    head = fit(TARGET, read)
    first = read[0]
    row = [*first.reading.hidden, *measures(first.reading, first.near)]
    by_hand = head.bias + sum(w * x for w, x in zip([*head.hidden, *head.measures], row, strict=True))
    assert head.logit(first.reading.hidden, measures(first.reading, first.near)) == pytest.approx(by_hand)
