import asyncio
import math
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.prompt import Part, Prompt
from inference.protocol import ModelError, Ratings
from inference.scripted import ScriptedEmbedder, ScriptedModel

PROMPT: Prompt = (Part("hello there"),)


def said(model: ScriptedModel, *prompts: Prompt, seed: int = 1) -> list[str]:
    answer = asyncio.run(model.propose(prompts or (PROMPT,), 20, seed))
    return [c.text for c in answer.continuations]


def rated(model: ScriptedModel, branches: tuple[str, ...] = ("a", "b"), options: str = "12345") -> Ratings:
    return asyncio.run(model.rate(PROMPT, branches, ("q1", "q2", "q3"), tuple(options)))


def streamed(model: ScriptedModel) -> list[str]:
    async def work() -> list[str]:
        return [piece async for piece in model.stream(PROMPT, 20, 1)]

    return asyncio.run(work())


def test_it_says_what_was_queued_first_in_first_out() -> None:
    model = ScriptedModel(says=deque(["one", "two", ""]))
    assert said(model, PROMPT, PROMPT) == ["one", "two"]
    assert said(model) == [""]


def test_with_an_empty_queue_equal_calls_get_equal_answers_and_others_differ() -> None:
    assert said(ScriptedModel()) == said(ScriptedModel())
    assert said(ScriptedModel(), seed=1) != said(ScriptedModel(), seed=2)
    assert said(ScriptedModel()) != said(ScriptedModel(), (Part("another"),))
    assert len(set(said(ScriptedModel(), PROMPT, PROMPT, PROMPT))) == 3


def test_an_exception_in_a_queue_is_raised_once() -> None:
    model = ScriptedModel(says=deque([ModelError("down")]), rates=deque([ModelError("down")]))
    with pytest.raises(ModelError):
        said(model)
    with pytest.raises(ModelError):
        rated(model)
    assert said(model)
    assert rated(model).probabilities


def test_ratings_have_one_row_for_each_branch_and_question_and_sum_to_one() -> None:
    table = rated(ScriptedModel()).probabilities
    assert [len(branch) for branch in table] == [3, 3]
    assert all(math.isclose(sum(row), 1.0) for branch in table for row in branch)
    assert table[0] != table[1]


def test_a_queued_row_of_weights_is_used_for_the_whole_call() -> None:
    answer = rated(ScriptedModel(rates=deque([[0.0, 0.0, 0.0, 1.0, 3.0]])))
    assert {row for branch in answer.probabilities for row in branch} == {(0.0, 0.0, 0.0, 0.25, 0.75)}
    assert {m for branch in answer.mass for m in branch} == {1.0}


def test_a_row_for_other_options_is_a_mistake_in_the_script() -> None:
    with pytest.raises(ModelError, match="rates 2 options, asked were 5"):
        rated(ScriptedModel(rates=deque([[1.0, 1.0]])))


def test_a_reply_comes_word_by_word_and_whole() -> None:
    assert streamed(ScriptedModel(replies=deque(["I would swim."]))) == ["I", " would", " swim."]
    assert "".join(streamed(ScriptedModel())).startswith("Here is thought ")
    assert "".join(streamed(ScriptedModel(replies=deque([""])))) == ""


def test_a_reply_may_fail() -> None:
    with pytest.raises(ModelError):
        streamed(ScriptedModel(replies=deque([ModelError("cut off")])))


def test_reading_makes_every_branch_likelier_after_the_prompt() -> None:
    readings = asyncio.run(ScriptedModel().read(PROMPT, ("one two", "")))
    assert readings is not None
    assert [(r.given, r.alone, r.tokens) for r in readings.readings] == [(-2.0, -4.0, 2), (-1.0, -2.0, 1)]


def test_the_history_says_what_was_asked() -> None:
    model = ScriptedModel()
    said(model, PROMPT, PROMPT)
    rated(model)
    asyncio.run(model.read(PROMPT, ("a",)))
    streamed(model)
    assert [call.method for call in model.history] == ["propose", "rate", "read", "stream"]
    assert model.history[0].prompts == (PROMPT, PROMPT)
    assert (model.history[1].branches, model.history[1].options) == (("a", "b"), tuple("12345"))
    assert model.history[1].questions == ("q1", "q2", "q3")


def embedded(*texts: str) -> tuple[tuple[float, ...], ...]:
    return asyncio.run(ScriptedEmbedder().embed(texts))


@given(st.text())
def test_every_embedding_has_length_one(text: str) -> None:
    (vector,) = embedded(text)
    assert len(vector) == ScriptedEmbedder.dim
    assert math.isclose(math.hypot(*vector), 1.0)


def test_texts_that_share_words_are_nearer() -> None:
    lake, cold, money = embedded("the lake is cold", "Is the lake cold?", "Paula owes Henry")

    def near(a: tuple[float, ...], b: tuple[float, ...]) -> float:
        return sum(x * y for x, y in zip(a, b, strict=True))

    assert math.isclose(near(lake, cold), 1.0)
    assert near(lake, money) < 0.5


def test_hidden_states_are_what_the_script_says_or_none() -> None:
    model = ScriptedModel(states=deque([(0.5, -1.0), ModelError("gone")]))
    found = asyncio.run(model.encode(PROMPT, ("one two", "three")))
    assert found is not None
    assert found.states == ((0.5, -1.0), (0.5, -1.0))
    assert model.history[-1].method == "encode"
    with pytest.raises(ModelError):
        asyncio.run(model.encode(PROMPT, ("a",)))
    assert asyncio.run(model.encode(PROMPT, ("a",))) is None
