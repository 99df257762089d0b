"""A listener fitted on a toy space whose words are told apart by the embedding."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from personalization.belief import tells, updated
from personalization.listener import OWN, heard
from personalization.person import MESSY
from personalization.space import Dimension
from tests.training.toy import OUTDOOR, WORDS, Hashed
from training.head import (
    Hearing,
    answering,
    figures,
    fit,
    fit_hearing,
    fit_opening,
    listener,
    outputs_of,
    posterior,
    talks,
)
from training.phrases import Examples, answered, examples, joined, labelled


def test_it_learns_what_speaks_of_what() -> None:
    torch.manual_seed(0)
    embedder = Hashed()
    some = examples(labelled((OUTDOOR,), WORDS, ["the disk is full"]), (OUTDOOR,), embedder)
    many = joined([some] * 80)
    network, passes = fit(many, some, (OUTDOOR,), 20)
    assert 1 <= passes <= 20
    outputs = outputs_of(network, some)
    hearing = fit_hearing(outputs, some, (OUTDOOR,), np.random.default_rng(0))
    found = listener([network], (OUTDOOR,), hearing, fit_opening(outputs, some, (OUTDOOR,)))
    texts = ["Woods please.", "Nope.", "the disk is full", "Woods please. Wait. Sofa now."]
    read = [r["outdoor"] for r in heard(found, texts, embedder.embed, ["outdoor"] * 4)]
    yes = [updated((0.5, 0.5), r, 0.001)[0] for r in read]
    assert yes[0] > 0.8
    assert yes[1] < 0.2
    assert yes[3] < 0.3
    assert not tells(read[2]) or abs(yes[2] - 0.5) < 0.1
    assert figures(outputs, some, (OUTDOOR,))["right"] == {"outdoor": 1.0, "opens": 1.0}


def test_a_talk_to_fit_on_speaks_of_the_dimension_at_least_once() -> None:
    labels = np.array([0, 0, 1, 2, 0])
    _, said = talks(labels, 2, (0.5, 0.5), np.random.default_rng(0))
    assert (labels[said[:, 0]] > 0).all()


def test_one_remark_in_fifty_is_untrue() -> None:
    labels = np.array([0, 1, 2, 3])
    truths, said = talks(labels, 3, (0.5, 0.3, 0.2), np.random.default_rng(0))
    speaking = labels[said] > 0
    untrue = speaking & (labels[said] != 1 + truths[:, None])
    assert untrue.sum() / speaking.sum() == pytest.approx(MESSY.untrue, abs=0.01)


def test_a_doubtful_sentence_is_believed_little() -> None:
    part, prior = torch.tensor([[0.0, 4.0, 0.0]]), torch.tensor([0.5, 0.5])
    sure, doubtful = (posterior(part, prior, Hearing(1.0, 0.0, least)) for least in (0.0, 0.999))
    assert sure[0, 0] > 0.9
    assert 0.5 < doubtful[0, 0] < 0.6


def test_behind_a_question_what_says_a_value_answers_it_and_another_not() -> None:
    here = Dimension("outdoor", ("yes", "no"), (0.5, 0.5), ask="Out?")
    sofa = Dimension("sofa", ("yes", "no"), (0.5, 0.5), ask="Sofa?")
    said = {
        "outdoor": {"yes": tuple(f"Woods {n}." for n in range(40)), "no": ("Never.",)},
        "sofa": WORDS.said["outdoor"],
    }
    found = answered((here, sofa), replace(WORDS, said=said), 1)
    woods = [f for f in found if f.text.startswith("Woods ") and f.tells.get("outdoor") == "yes"]
    assert {(f.question, f.opens) for f in woods} == {("Out?", "yes"), ("Sofa?", None)}
    assert {f.opens for f in found if f.text == "Nope."} == {"no"}
    assert all(f.question in ("Out?", "Sofa?") for f in found)
    assert [f.back for f in found if f.text == "Wait."] == [True] * 4
    assert {(f.opens, tuple(f.tells)) for f in found if f.text in ("Hm.", "Rain.", "Snow.")} == {(None, ())}


def test_what_was_asked_about_has_a_say_in_the_answer_and_a_word_like_sure_stays_as_it_is() -> None:
    speaks, silent = [-20.0, 2.0, -2.0], [20.0, 2.0, -2.0]
    outputs = torch.tensor([[*own, 0.0, 1.0, 0.0, 0.0] for own in (speaks, silent, speaks)])
    some = Examples(np.zeros((3, 1), np.float32), np.zeros((3, 2), int), np.zeros(3, np.float32), np.array([0, 0, -1]))
    found = answering(outputs, some, (OUTDOOR,))
    assert found[0].tolist() == pytest.approx([0.0, 1.0 + 2.0 * OWN, -2.0 * OWN], abs=1e-4)
    assert found[1].tolist() == pytest.approx([0.0, 1.0, 0.0], abs=1e-4)
    assert found[2].tolist() == [0.0, 1.0, 0.0]


def test_only_what_is_answered_with_yes_or_no_has_a_say_in_how_a_sentence_opens() -> None:
    length = Dimension("length", ("short", "medium", "long"), (0.4, 0.3, 0.3))
    some = Examples(np.zeros((2, 1), np.float32), np.zeros((2, 2), int), np.zeros(2, np.float32), np.array([0, -1]))
    outputs = torch.arange(16.0).reshape(2, 8)
    assert torch.equal(answering(outputs, some, (length,)), outputs[:, 4:7])


def test_who_is_eager_takes_a_sentence_for_an_answer_sooner() -> None:
    some = examples(answered((replace(OUTDOOR, ask="Out?"),), WORDS, 1), (replace(OUTDOOR, ask="Out?"),), Hashed())
    network, _ = fit(some, some, (OUTDOOR,), 1)
    calm, eager = (listener([network], (OUTDOOR,), [Hearing(1.0, 0.0, 0.0)], 1.0, eager=e) for e in (0.0, 1.0))
    assert (calm.leave_bias - eager.leave_bias).tolist() == pytest.approx([0, 0, 0, 1, 0, 0, 0], abs=1e-6)
