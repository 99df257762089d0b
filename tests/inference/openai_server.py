"""An OpenAI-compatible server that says what a test has it say."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import openai

from inference.openai_client import OpenAIModel
from inference.prompt import Part, Prompt

PROMPT: Prompt = (Part("Be kind.", "system"), Part("Ann: hi", data=True))
KEY = "sk-very-secret"
USAGE = {
    "prompt_tokens": 10,
    "completion_tokens": 2,
    "total_tokens": 12,
    "prompt_tokens_details": {"cached_tokens": 4},
}
Answer = Callable[[dict[str, Any]], httpx.Response]


class Server:
    """Answers requests with `answer`, and keeps what was asked."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[dict[str, Any]] = []
        self.at_once = 0
        self.most_at_once = 0
        self._answer = answer

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        body = json.loads(request.content) if request.content else {}
        self.asked.append(body)
        return self._answer(body)

    def model(self, retries: int = 0, seconds: float = 60) -> OpenAIModel:
        http: Any = httpx.AsyncClient(transport=httpx.MockTransport(self))
        client = openai.AsyncOpenAI(base_url="http://server/v1", api_key=KEY, http_client=http, max_retries=retries)
        return OpenAIModel("some-model", client, seconds)


def completion(text: str, tokens: list[dict[str, Any]] | None = None) -> httpx.Response:
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": text},
        "logprobs": None if tokens is None else {"content": tokens, "refusal": None},
    }
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": USAGE}
    return httpx.Response(200, json=body)


def token(text: str, logprob: float, **others: float) -> dict[str, Any]:
    top = [{"token": t.strip("_"), "logprob": p, "bytes": None} for t, p in others.items()]
    return {"token": text, "logprob": logprob, "bytes": None, "top_logprobs": top}


def refusal(status: int, message: str, param: str | None = None) -> httpx.Response:
    return httpx.Response(status, json={"error": {"message": message, "type": "x", "param": param, "code": None}})


def play(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]


def chunks(*texts: str, finished: bool = True, usage: dict[str, Any] | None = None) -> httpx.Response:
    """`usage`: told after the last piece, as servers do that are asked for it."""

    def event(text: str, reason: str | None = None) -> str:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
        body = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        return f"data: {json.dumps(body)}\n\n"

    content = "".join(map(event, texts)) + (event("", "stop") if finished else "")
    if usage is not None:
        body = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [], "usage": usage}
        content += f"data: {json.dumps(body)}\n\n"
    content += "data: [DONE]\n\n" if finished else ""
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=content.encode())


def models(*names: str, owner: str = "x") -> httpx.Response:
    data = [{"id": name, "object": "model", "created": 1, "owned_by": owner} for name in names]
    return httpx.Response(200, json={"object": "list", "data": data})
