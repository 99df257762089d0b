"""Any OpenAI-compatible server (vLLM, llama.cpp, Ollama, OpenAI) as a LanguageModel.

The server renders the chat template, so what people wrote is sent through `neutral`. Errors of the client library become
ModelError here and nowhere else.
"""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion
from openai.types.chat.chat_completion_token_logprob import ChatCompletionTokenLogprob

from inference.answers import Place, from_text, from_tokens
from inference.openai_messages import messages, question_messages
from inference.prompt import Prompt
from inference.protocol import (
    TEMPERATURE,
    TOP_P,
    Continuation,
    ModelError,
    ModelUnavailableError,
    Proposals,
    Ratings,
    Readings,
    Usage,
)

log = logging.getLogger(__name__)

_AT_ONCE = 8
"""Requests in flight. A rating asks branches × questions of them; servers batch about that many well."""
_ANSWER_TOKENS = 8
"""Room for the longest option, a name; digits take one."""
_TOP = 20
"""The most alternatives a token that the OpenAI interface allows to ask for."""
_OPTIONAL = ("logprobs", "top_logprobs", "seed", "stop", "temperature", "top_p", "max_tokens", "stream_options")
"""What a server may refuse and is then not asked again; `max_tokens` is then called `max_completion_tokens`."""

T = TypeVar("T")
Row = tuple[tuple[float, ...], float, bool]


class OpenAIModel:
    """`timeout`: seconds for one call of ours, its retries included."""

    def __init__(self, name: str, client: openai.AsyncOpenAI, timeout: float) -> None:
        self.name = name
        self._client = client
        self._timeout = timeout
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._refused: set[str] = set()

    async def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, *, urgent: bool = False) -> Proposals:
        async def one(index: int, prompt: Prompt) -> tuple[Continuation, Usage]:
            answer = await self._complete(
                messages(prompt),
                max_tokens=limit,
                seed=seed + index,
                temperature=TEMPERATURE,
                top_p=TOP_P,
                stop=["\n"],
                logprobs=True,
            )
            text, places = _content(answer)
            logprobs = tuple(dict(p.likeliest)[p.token] for p in places)
            return Continuation(text.strip().split("\n")[0], logprobs), _usage(answer.usage)

        with self._errors():
            answers = await self._all(one(i, prompt) for i, prompt in enumerate(prompts))
        return Proposals(tuple(text for text, _ in answers), sum((usage for _, usage in answers), Usage()))

    async def rate(
        self,
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        *,
        urgent: bool = False,
    ) -> Ratings:
        async def one(branch: str, question: str) -> tuple[Row, Usage]:
            answer = await self._complete(
                question_messages(prompt, branch, question, options),
                max_tokens=_ANSWER_TOKENS,
                temperature=0.0,
                logprobs=True,
                top_logprobs=_TOP,
            )
            text, places = _content(answer)
            read = from_tokens(places, options)
            row: Row = (*read, True) if read is not None else (*from_text(text, options), False)
            return row, _usage(answer.usage)

        with self._errors():
            answers = await self._all(one(branch, question) for branch in branches for question in questions)
        rows = [row for row, _ in answers]
        width = len(questions)
        by_branch = [rows[i * width : (i + 1) * width] for i in range(len(branches))]
        return Ratings(
            tuple(tuple(row[0] for row in some) for some in by_branch),
            tuple(tuple(row[1] for row in some) for some in by_branch),
            "logprobs" if all(row[2] for row in rows) else "written",
            sum((usage for _, usage in answers), Usage()),
        )

    async def read(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Readings | None:
        """None: the chat interface gives no log-probabilities of text that it did not write."""
        return None

    async def stream(self, prompt: Prompt, limit: int, seed: int, *, urgent: bool = False) -> AsyncGenerator[str]:
        deadline = asyncio.get_running_loop().time() + self._timeout
        request = {"max_tokens": limit, "seed": seed, "temperature": TEMPERATURE, "top_p": TOP_P, "stream": True}
        # A timeout must not span a `yield`: it belongs to the task that entered it, and another may go on from there.
        with self._errors():
            async with self._slots, asyncio.timeout_at(deadline):
                chunks = await self._create(messages(prompt), request)
        async with chunks:
            while True:
                with self._errors():
                    async with asyncio.timeout_at(deadline):
                        chunk = await anext(chunks, None)
                if chunk is None:
                    return
                if chunk.choices and (text := chunk.choices[0].delta.content):
                    yield text

    async def probe(self) -> None:
        """Ask the server for something cheap. Raises ModelUnavailableError when it is away or refuses us."""
        with self._errors():
            try:
                async with asyncio.timeout(self._timeout):
                    await self._client.models.list()
            except openai.NotFoundError:
                # It is there, and has no list of models: servers need not.
                return

    async def close(self) -> None:
        await self._client.close()

    async def _complete(self, sent: list[dict[str, str]], **request: Any) -> ChatCompletion:
        async with self._slots:
            answer: ChatCompletion = await self._create(sent, request)
            return answer

    async def _create(self, sent: list[dict[str, str]], request: dict[str, Any]) -> Any:
        """Send it, without what this server refused before; once more without what it refuses now."""
        while True:
            wanted = {key: value for key, value in request.items() if key not in self._refused}
            if "max_tokens" in request and "max_tokens" not in wanted:
                wanted["max_completion_tokens"] = request["max_tokens"]
            try:
                return await self._client.chat.completions.create(model=self.name, messages=sent, **wanted)  # type: ignore[arg-type]
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                blamed = [key for key in _OPTIONAL if key in wanted and _blames(error, key)]
                if not blamed:
                    raise
                log.info("the server of %s refuses %s", self.name, ", ".join(blamed))
                self._refused.update(blamed)
                if "logprobs" in blamed:
                    self._refused.add("top_logprobs")

    async def _all(self, work: Iterable[Coroutine[None, None, T]]) -> list[T]:
        """Everything in `work`, in its order; the first failure cancels the rest."""
        try:
            async with asyncio.timeout(self._timeout), asyncio.TaskGroup() as group:
                tasks = [group.create_task(one) for one in work]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return [task.result() for task in tasks]

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """The one place where errors of the client library become ours. The key never gets into a message."""
        try:
            yield
        except TimeoutError as error:
            raise ModelUnavailableError(f"{self.name} did not answer within {self._timeout:g} s") from error
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            raise ModelError(self._said(error)) from error
        except (openai.APIConnectionError, openai.APIStatusError) as error:
            raise ModelUnavailableError(self._said(error)) from error
        except openai.OpenAIError as error:
            raise ModelError(self._said(error)) from error

    def _said(self, error: Exception) -> str:
        text = str(error).replace(self._client.api_key, "***") if self._client.api_key else str(error)
        return f"the server of {self.name}: {text}"


def _content(answer: ChatCompletion) -> tuple[str, list[Place]]:
    if not answer.choices:
        raise ModelError(f"the server gave no answer: {answer.model_dump_json()[:200]}")
    choice = answer.choices[0]
    tokens = (choice.logprobs.content if choice.logprobs is not None else None) or []
    places = [Place(t.token, ((t.token, t.logprob), *_others(t))) for t in tokens]
    return choice.message.content or "", places


def _others(token: ChatCompletionTokenLogprob) -> Iterator[tuple[str, float]]:
    return ((top.token, top.logprob) for top in token.top_logprobs or () if top.token != token.token)


def _usage(usage: CompletionUsage | None) -> Usage:
    if usage is None:
        return Usage()
    cached = (usage.prompt_tokens_details.cached_tokens or 0) if usage.prompt_tokens_details is not None else 0
    return Usage(usage.prompt_tokens - cached, cached, usage.completion_tokens)


def _blames(error: openai.APIStatusError, key: str) -> bool:
    return error.param == key or re.search(rf"\b{key}\b", error.message) is not None
