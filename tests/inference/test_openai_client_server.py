"""What a client finds out of the server that it speaks to: the models that it has, and whether it goes on in an open turn."""

from typing import Any

import httpx
import pytest

from inference.prompt import Part, Prompt
from inference.protocol import ModelError, ModelUnavailableError
from tests.inference.openai_server import PROMPT, Server, chunks, completion, models, play, refusal


def test_a_model_that_the_server_lists_is_there() -> None:
    async def story() -> None:
        server = Server(lambda body: models("another", "some-model"))
        await server.model().probe()
        assert server.asked == [{}]

    play(story)


@pytest.mark.parametrize("listed", [refusal(404, "no such page"), models(), models("some-model:latest")])
def test_a_model_that_is_not_listed_is_asked_for_a_token_once(listed: httpx.Response) -> None:
    """llama.cpp answers to any name, Ollama to one without its tag, and servers need not have a list."""

    async def story() -> None:
        server = Server(lambda body: completion("hi") if body else listed)
        model = server.model()
        await model.probe()
        assert [body.get("max_tokens") for body in server.asked] == [None, 1]
        await model.probe()
        assert len(server.asked) == 3

    play(story)


def test_a_model_that_the_server_does_not_have() -> None:
    async def story() -> None:
        gone = False

        def answer(body: dict[str, Any]) -> httpx.Response:
            if not body:
                return models("another")
            return refusal(404, "The model `some-model` does not exist.", "model") if gone else completion("hi")

        model = Server(answer).model()
        await model.probe()
        gone = True
        with pytest.raises(ModelUnavailableError, match="does not exist"):
            await model.propose([PROMPT], 5, 1)
        with pytest.raises(ModelUnavailableError, match="does not exist"):
            await model.probe()

    play(story)


def test_a_server_that_turns_us_away() -> None:
    async def story() -> None:
        with pytest.raises(ModelUnavailableError):
            await Server(lambda body: refusal(401, "who are you")).model().probe()

    play(story)


OPENED: Prompt = (*PROMPT, Part("Thought: I", "assistant"))


def test_vllm_goes_on_in_the_turn_that_was_opened() -> None:
    async def story() -> None:
        def answer(body: dict[str, Any]) -> httpx.Response:
            if not body:
                return models("some-model", owner="vllm")
            return chunks(" know", " one.") if body.get("stream") else completion(" know one.")

        server = Server(answer)
        model = server.model()
        await model.probe()
        proposals = await model.propose([OPENED], 5, 1)
        assert proposals.continuations[0].text == "know one."
        assert [piece async for piece in model.stream(OPENED, 5, 1)] == [" know", " one."]
        for body in server.asked[1:]:
            assert body["messages"][-1] == {"role": "assistant", "content": "Thought: I"}
            assert (body["continue_final_message"], body["add_generation_prompt"]) == (True, False)
        await model.propose([PROMPT], 5, 1)
        assert "continue_final_message" not in server.asked[-1]

    play(story)


def test_others_are_asked_to_go_on() -> None:
    async def story() -> None:
        server = Server(lambda body: completion("know one.") if body else models("some-model"))
        model = server.model()
        await model.probe()
        await model.propose([OPENED], 5, 1)
        assert "continue_final_message" not in server.asked[-1]
        assert server.asked[-1]["messages"][-1]["content"].endswith("without repeating them: Thought: I")

    play(story)


def test_a_template_that_cannot_go_on_is_asked_once() -> None:
    async def story() -> None:
        def answer(body: dict[str, Any]) -> httpx.Response:
            if not body:
                return models("some-model", owner="vllm")
            if "continue_final_message" in body:
                return refusal(400, "continue_final_message is set but the final message is not in the chat")
            return completion("know one.")

        server = Server(answer)
        model = server.model()
        await model.probe()
        await model.propose([OPENED], 5, 1)
        assert len(server.asked) == 1 + 2
        await model.probe()
        await model.propose([OPENED], 5, 1)
        assert len(server.asked) == 1 + 2 + 1 + 1

    play(story)


def test_a_prompt_that_is_too_long_says_nothing_about_going_on() -> None:
    async def story() -> None:
        server = Server(lambda body: refusal(400, "too long") if body else models("some-model", owner="vllm"))
        model = server.model()
        await model.probe()
        with pytest.raises(ModelError, match="too long"):
            await model.propose([OPENED], 5, 1)
        assert len(server.asked) == 2

    play(story)
