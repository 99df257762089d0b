import asyncio
from collections import deque
from contextlib import aclosing

from inference.metered import Metered
from inference.prompt import Part, Prompt
from inference.protocol import Ask, LanguageModel, Usage
from inference.scripted import ScriptedModel

PROMPT: Prompt = (Part("three words here"),)


def test_every_call_is_counted_and_told() -> None:
    async def story() -> None:
        took = list[Usage]()
        metered = Metered(ScriptedModel(name="big", says=deque(["a b"]), states=deque([(1.0,)])), took.append)
        model: LanguageModel = metered
        assert model.name == "big"
        await model.propose([PROMPT], 9, 1)
        await model.rate(PROMPT, ["x"], ["q"], ["1", "2"])
        await model.read(PROMPT, ["x y"])
        await model.encode(PROMPT, ["x y z"])
        await model.judge([Ask(PROMPT, ("x",), ("q",), ("1", "2"))])
        assert took == [Usage(3, 0, 2), Usage(4), Usage(2), Usage(3), Usage(4)]
        assert metered.usage == Usage(16, 0, 2)
        assert await model.encode(PROMPT, ["x"]) is None
        assert metered.usage == Usage(16, 0, 2)

    asyncio.run(story())


def test_a_stream_counts_as_far_as_it_came_and_tells_who_asked() -> None:
    async def story() -> None:
        took = list[Usage]()
        metered = Metered(ScriptedModel(replies=deque(["one two three"])))
        async with aclosing(metered.stream(PROMPT, 9, 1, spent=took.append)) as pieces:
            async for piece in pieces:
                if piece == " two":
                    break
        assert metered.usage == sum(took, Usage()) == Usage(3, 0, 2)

    asyncio.run(story())
