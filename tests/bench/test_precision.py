import pytest
import torch

from bench.engines import thinker
from bench.precision import LONGEST, Seen, compare, seen
from bench.talk import Room
from conversation.places import Candidate, Place
from inference.int8_decoder import to_int8
from inference.scripted import ScriptedEmbedder, ScriptedModel
from tests.inference.conftest import make_model, make_tokenizer


def one(chances: list[float], rating: float) -> Seen:
    return Seen(torch.tensor([chances]).log(), torch.tensor([1]), ((rating, 1 - rating),))


def test_a_model_agrees_with_itself() -> None:
    found = compare([one([0.2, 0.8], 0.3)], [one([0.2, 0.8], 0.3)])
    assert found["kl_mean"] == found["logprob_error_abs"] == found["rating_difference_max"] == 0
    assert found["top1_agreement"] == 1


def test_differences_are_measured_from_the_exact_one() -> None:
    found = compare([one([0.25, 0.75], 0.3)], [one([0.5, 0.5], 0.4)])
    assert found["kl_mean"] == pytest.approx(0.13081, abs=1e-5)
    assert found["logprob_error_mean"] == pytest.approx(-0.4055, abs=1e-4)
    assert found["rating_difference_max"] == pytest.approx(0.1)
    assert found["tokens"] == 1


def test_a_reply_is_read_to_its_last_token_but_one_and_rated() -> None:
    tokenizer = make_tokenizer()
    room = Room("precision", thinker(ScriptedModel(), ScriptedEmbedder()))
    room.say("where should we eat tonight")
    place = Place("chat", room.moment(), False, False, (Candidate("true", "somewhere cheap " * 40),))
    model = make_model(len(tokenizer))
    (exact,) = seen(model, tokenizer, [place])
    assert exact.log_next.shape == (LONGEST, len(tokenizer))
    assert exact.came.shape == (LONGEST,)
    assert len(exact.ratings) == 10
    to_int8(model)
    found = compare([exact], seen(model, tokenizer, [place]))
    assert 0 < found["kl_mean"] < 0.1
