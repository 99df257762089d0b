"""A reply to a choice says what came of weighing it."""

import asyncio
from collections import deque

import pytest

from app.speech import Speech, speak
from app.thought_views import weighing_view
from inference.protocol import ModelError
from inference.scripted import ScriptedModel
from tests.app.test_speech import Room, placed, thinker
from tests.conversation.build import ANN, talk
from thoughts.weighing import REASONS

SAID = "Take the bus, it keeps you dry."


def rain() -> Room:
    return Room(talk((ANN, "Aside, it is raining. Bus or bike?")), kind="addressed")


def said(room: Room, model: ScriptedModel) -> Speech:
    return asyncio.run(speak(room, room.look, room.look(), placed(), thinker(model), "run1", 5))


def wanted(model: ScriptedModel) -> str:
    (call,) = [c for c in model.history if c.method == "stream"]
    return "".join(part.text for part in call.prompts[0])


def test_the_reply_is_written_to_say_what_suits() -> None:
    model = ScriptedModel(name="other", replies=deque([SAID]), rates=deque([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]]))
    room = rain()
    speech = said(room, model)
    assert [text for *_, text, _ in room.posted] == [SAID]
    assert "wants to say: I would choose Bus, because it is raining." in wanted(model)
    view = weighing_view(speech.weighing)
    assert view is not None
    assert (view.taken, view.chance, view.reasons) == (0, 0.85, 2 * REASONS)
    assert speech.weighing is not None
    assert speech.usage.prompt == speech.weighing.usage.prompt > 0
    assert speech.usage.generated == speech.written + speech.weighing.usage.generated


def test_a_model_too_small_says_its_thought() -> None:
    model = ScriptedModel(replies=deque([SAID]))
    speech = said(rain(), model)
    assert speech.weighing is None
    assert weighing_view(speech.weighing) is None
    assert placed().text in wanted(model)


def test_weighing_that_fails_says_nothing() -> None:
    room = rain()
    with pytest.raises(ModelError):
        said(room, ScriptedModel(name="other", rates=deque([ModelError("gone")])))
    assert not room.posted


def test_a_reply_that_is_written_again_is_not_weighed_again_while_nobody_wrote() -> None:
    model = ScriptedModel(name="other", replies=deque(["", SAID]), rates=deque([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]]))
    assert said(rain(), model).outcome == "said"
    assert [c.method for c in model.history].count("propose") == 1
