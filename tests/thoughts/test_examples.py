"""The candidates of a place, read as thoughts are."""

import asyncio

import pytest

from conversation.places import Candidate, Place
from inference.prompt import Prompt
from inference.protocol import ModelError, Readings
from inference.scripted import ScriptedEmbedder, ScriptedModel
from tests.conversation.build import ANN, ASIDE, BOB, moment, talk
from thoughts import prompts
from thoughts.examples import Example, examples

LAKE = moment(talk((ANN, "where were we?"), (BOB, "the lake is cold"), (ANN, "is the lake warm in june?"), ASIDE))
CANDIDATES = (Candidate("true", "the lake is warm"), Candidate("elsewhere", "x" * 500))
PLACE = Place("room", LAKE, True, False, CANDIDATES)


def read(model: ScriptedModel, window: int = 48) -> tuple[Example, ...]:
    return asyncio.run(examples(PLACE, model, ScriptedEmbedder(), window))


def test_candidates_are_read_where_thoughts_are() -> None:
    model = ScriptedModel()
    found = read(model)
    (call,) = model.history
    assert call.prompts == (prompts.rating(prompts.shared(LAKE, ""), LAKE),)
    assert call.branches == (" the lake is warm", " " + "x" * prompts.CLIP)
    assert [e.candidate for e in found] == list(CANDIDATES)
    assert found[0].reading.tokens == 4


def test_a_short_window_shortens_what_is_read_but_not_what_is_compared() -> None:
    model = ScriptedModel()
    found = read(model, window=1)
    shown = "".join(part.text for part in model.history[0].prompts[0])
    assert "line 4" in shown
    assert "the lake is cold" not in shown
    assert len(found[0].near) == 4


def test_the_newest_message_is_first_and_questions_by_others_are_marked() -> None:
    near = read(ScriptedModel())[0].near
    assert [n.asks for n in near] == [False, True, False, True]
    assert near[2].cosine > near[0].cosine
    assert near[1].cosine > near[3].cosine


class Deaf(ScriptedModel):
    async def read(self, prompt: Prompt, branches: object, *, urgent: bool = False) -> Readings | None:
        return None


def test_an_engine_without_log_probabilities_cannot_be_learned_from() -> None:
    with pytest.raises(ModelError, match="scripted gives no log-probabilities"):
        read(Deaf())
