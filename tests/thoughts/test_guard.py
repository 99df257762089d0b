import asyncio
from collections import deque

import pytest

from inference.protocol import ModelError
from inference.scripted import ScriptedModel
from personalization.candor import Candor
from thoughts.guard import candid, taken

CLAIM = "I think bats are blind."
FLATTERY, HONESTY = "Yes, you are right!", "No, bats can see."


def test_words_that_tell_cost_no_model() -> None:
    model = ScriptedModel()
    assert asyncio.run(taken(CLAIM, FLATTERY, model)) == "agrees"
    assert model.history == []


def test_where_words_do_not_tell_the_model_does() -> None:
    model = ScriptedModel(rates=deque([[0.9, 0.05, 0.05], [0.3, 0.3, 0.4]]))
    assert asyncio.run(taken(CLAIM, "They see nothing.", model)) == "agrees"
    assert asyncio.run(taken(CLAIM, "They eat moths.", model)) == "none"


def test_flattery_gives_way_to_what_a_stranger_would_be_told() -> None:
    model = ScriptedModel(says=deque([HONESTY]))
    found = asyncio.run(candid(CLAIM, FLATTERY, model, 0))
    assert found.candor == Candor("agrees", "disagrees", "impersonal")
    assert found.instead == HONESTY
    (asked,) = model.history
    assert not any("I think" in part.text for part in asked.prompts[0])


def test_a_side_that_anybody_would_be_told_stays_as_it_was_written() -> None:
    model = ScriptedModel(says=deque(["No, they are not."]))
    found = asyncio.run(candid(CLAIM, HONESTY, model, 0))
    assert found.instead is None
    assert found.candor == Candor("disagrees", "disagrees", "personal")


def test_a_reply_that_takes_no_side_is_not_drafted_again() -> None:
    model = ScriptedModel(rates=deque([[0.1, 0.1, 0.8]]))
    found = asyncio.run(candid("Hi all", "I saw a bat.", model, 0))
    assert found.candor == Candor("none", None, "personal")
    assert [call.method for call in model.history] == ["rate"]


def test_where_the_stranger_gets_no_answer_the_draft_stays() -> None:
    model = ScriptedModel(says=deque(["  "]))
    assert asyncio.run(candid(CLAIM, FLATTERY, model, 0)).instead is None


def test_a_guard_that_cannot_ask_says_so() -> None:
    with pytest.raises(ModelError):
        asyncio.run(candid(CLAIM, FLATTERY, ScriptedModel(says=deque([ModelError("gone")])), 0))
