import asyncio
import random

import pytest

from bench.engines import thinker
from bench.talk import Room, line, timed
from inference.protocol import ModelError
from inference.scripted import ScriptedEmbedder, ScriptedModel
from thoughts.prompts import CLIP


def letters(text: str) -> int:
    return len(text)


def room() -> Room:
    return Room("test", thinker(ScriptedModel(), ScriptedEmbedder()))


@pytest.mark.parametrize("tokens", [5, 40, 300])
def test_a_line_is_as_long_as_asked_and_no_longer(tokens: int) -> None:
    text = line(random.Random(1), tokens, letters)
    assert tokens - 4 <= len(text) <= tokens


def test_a_line_that_a_prompt_would_clip_is_refused() -> None:
    with pytest.raises(AssertionError, match=str(CLIP)):
        line(random.Random(1), CLIP + 20, letters)


def test_people_take_turns_and_nobody_thinks_about_what_is_only_said() -> None:
    talk = room()
    talk.say("one")
    talk.say("two")
    assert [m.seq for m in talk.messages] == [1, 2]
    assert talk.messages[0].author != talk.messages[1].author
    assert not talk.held


def test_what_was_held_is_there_the_next_time_and_nothing_is_said() -> None:
    talk = room()
    run = asyncio.run(talk.hear("Where shall we go?"))
    assert run.thoughts
    assert set(talk.held) == {t.id for t in run.thoughts if t.state == "held"}
    seconds, again = asyncio.run(timed(talk, "To the lake?"))
    assert seconds > 0
    assert again.thoughts
    assert len(talk.messages) == 2


def test_a_thought_that_fails_fails_the_measurement() -> None:
    model = ScriptedModel()
    model.says.append(ModelError("broken"))
    with pytest.raises(RuntimeError, match="broken"):
        asyncio.run(Room("test", thinker(model, ScriptedEmbedder())).hear("Hello"))
