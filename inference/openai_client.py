"""Any OpenAI-compatible server (vLLM, llama.cpp, Ollama, OpenAI) as a LanguageModel.

The server renders the chat template, so what people wrote is sent through `neutral`. Errors of the client library become
ModelError here and nowhere else.
"""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion
from openai.types.chat.chat_completion_token_logprob import ChatCompletionTokenLogprob

from inference.answers import Answer, Place, read_answer
from inference.calls import timed
from inference.openai_line import Line, as_line, read_line
from inference.openai_messages import continued, line_messages, messages, question_messages, unrepeated
from inference.prompt import Prompt
from inference.protocol import (
    TEMPERATURE,
    TOP_P,
    Ask,
    Continuation,
    Encodings,
    Judged,
    ModelError,
    ModelUnavailableError,
    Proposals,
    Ratings,
    Readings,
    Spent,
    Usage,
    uncounted,
    weakest,
)
from inference.slots import Slots

log = logging.getLogger(__name__)

_AT_ONCE = 8
"""Requests in flight, streams that are being read among them; servers batch about that many well."""
_ANSWER_TOKENS = 8
"""Room for the longest option, a name; digits take one."""
_TOP = 20
"""The most alternatives a token that the OpenAI interface allows to ask for."""
_TOP_OF_FEW = 5
"""What is asked for where a server allows fewer: it still weighs the digits against each other."""
_OPTIONAL = ("logprobs", "top_logprobs", "seed", "stop", "temperature", "top_p", "max_tokens", "stream_options")
"""What a server may refuse and is then not asked again; `max_tokens` is then called `max_completion_tokens`."""
_VLLM = "vllm"
"""Whose models a server says its models are, where it takes `_UNFINISHED`."""
_UNFINISHED = {"continue_final_message": True, "add_generation_prompt": False}
"""For vLLM: go on with the last message. Other servers refuse this, or do not know it and go on or begin anew as they like."""

T = TypeVar("T")


class OpenAIModel:
    """`timeout`: seconds for one call of ours, its retries included."""

    def __init__(self, name: str, client: openai.AsyncOpenAI, timeout: float) -> None:
        self.name = name
        self._client = client
        self._timeout = timeout
        self._slots = Slots(_AT_ONCE)
        self._refused: set[str] = set()
        self._top = _TOP
        self._keeps_lines = True
        self._known = False
        self._continues: bool | None = None

    async def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, *, urgent: bool = False) -> Proposals:
        async def one(index: int, prompt: Prompt) -> tuple[Continuation, Usage]:
            sampled = {"max_tokens": limit, "seed": seed + index, "temperature": TEMPERATURE, "top_p": TOP_P}
            request = {**sampled, "stop": ["\n"], "logprobs": True}
            answer = await self._complete(lambda: self._go_on(prompt, request), urgent)
            text, places = _content(answer)
            logprobs = tuple(dict(p.likeliest)[p.token] for p in places)
            written = unrepeated(prompt, text.strip().split("\n")[0])
            return Continuation(written, logprobs), _usage(answer.usage)

        with self._errors():
            async with asyncio.timeout(self._timeout):
                answers = await _all(one(i, prompt) for i, prompt in enumerate(prompts))
        return Proposals(tuple(text for text, _ in answers), _sum(usage for _, usage in answers))

    async def rate(
        self,
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        *,
        urgent: bool = False,
    ) -> Ratings:
        line = as_line(questions, options) if self._keeps_lines else None
        rows: list[list[Answer | None]] = [[None] * len(questions) for _ in branches]
        usage = Usage()
        with self._errors():
            async with asyncio.timeout(self._timeout):
                if line is not None:
                    rows, usage = await self._lines(prompt, branches, line, urgent)
                table, more = await self._filled(rows, prompt, branches, questions, options, urgent)
        return Ratings(
            tuple(tuple(answer.shares for answer in row) for row in table),
            tuple(tuple(answer.mass for answer in row) for row in table),
            weakest(answer.method for row in table for answer in row),
            usage + more,
        )

    async def _lines(
        self, prompt: Prompt, branches: Sequence[str], line: Line, urgent: bool
    ) -> tuple[list[list[Answer | None]], Usage]:
        """One request a branch; None where its line left a question out."""

        async def one(branch: str) -> tuple[list[Answer | None], Usage]:
            text, places, usage = await self._answer(line_messages(prompt, branch, line), line.room, urgent)
            return read_line(line, text, places), usage

        answers = await _all(one(branch) for branch in branches)
        rows = [row for row, _ in answers]
        if rows and all(answer is None for row in rows for answer in row):
            log.info("%s does not answer on one line: from now on each question is a request", self.name)
            self._keeps_lines = False
        return rows, _sum(usage for _, usage in answers)

    async def _filled(
        self,
        rows: list[list[Answer | None]],
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        urgent: bool,
    ) -> tuple[list[list[Answer]], Usage]:
        """`rows` with one request for each answer that is not there."""
        line = as_line(questions, options) if self._keeps_lines else None

        async def one(known: Answer | None, branch: str, question: int) -> tuple[Answer, Usage]:
            if known is not None:
                return known, Usage()
            if line is not None:
                alone = line.only(question)
                text, places, usage = await self._answer(line_messages(prompt, branch, alone), alone.room, urgent)
                (answer,) = read_line(alone, text, places)
                return answer or read_answer(text, places, options), usage
            sent = question_messages(prompt, branch, questions[question], options)
            text, places, usage = await self._answer(sent, _ANSWER_TOKENS, urgent)
            return read_answer(text, places, options), usage

        answers = await _all(
            one(known, branch, question)
            for row, branch in zip(rows, branches, strict=True)
            for question, known in enumerate(row)
        )
        width = len(questions)
        table = [[answer for answer, _ in answers[i * width : (i + 1) * width]] for i in range(len(branches))]
        return table, _sum(usage for _, usage in answers)

    async def judge(self, asks: Sequence[Ask], *, urgent: bool = False) -> Judged:
        """The asks beside each other. No readings."""
        rated = tuple(await _all(self.rate(a.prompt, a.branches, a.questions, a.options, urgent=urgent) for a in asks))
        return Judged(rated, tuple(None for _ in asks), _sum(found.usage for found in rated))

    async def read(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Readings | None:
        """None: the chat interface gives no log-probabilities of text that it did not write."""
        return None

    async def encode(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Encodings | None:
        """None: no server gives its hidden states."""
        return None

    async def stream(
        self, prompt: Prompt, limit: int, seed: int, *, urgent: bool = False, spent: Spent = uncounted
    ) -> AsyncGenerator[str]:
        deadline = asyncio.get_running_loop().time() + self._timeout
        sampled = {"max_tokens": limit, "seed": seed, "temperature": TEMPERATURE, "top_p": TOP_P}
        request = {**sampled, "stream": True, "stream_options": {"include_usage": True}}
        # A timeout must not span a `yield`: it belongs to the task that entered it, and another may go on from there.
        with timed("stream") as call, _tallied(spent) as tally:
            finished = False
            async with AsyncExitStack() as held:
                with self._errors():
                    async with asyncio.timeout_at(deadline):
                        await held.enter_async_context(self._slots.place(urgent))
                        call.begins()
                        chunks = await held.enter_async_context(await self._go_on(prompt, request))
                while True:
                    with self._errors():
                        async with asyncio.timeout_at(deadline):
                            chunk = await anext(chunks, None)
                    if chunk is None:
                        break
                    tally.told = chunk.usage or tally.told
                    for choice in chunk.choices[:1]:
                        finished = finished or choice.finish_reason is not None
                        if text := choice.delta.content:
                            tally.pieces += 1
                            yield text
            if not finished:
                # Half an answer, from a server that failed after it had said that all is well.
                raise ModelUnavailableError(f"the server of {self.name} broke off in the middle of an answer")

    async def probe(self) -> None:
        """Ask the server for something cheap. Raises ModelUnavailableError when it is away, refuses us or has no such model."""
        with self._errors():
            async with asyncio.timeout(self._timeout):
                try:
                    models = (await self._client.models.list()).data or []
                except openai.NotFoundError:
                    # It is there, and has no list of models: servers need not.
                    models = []
                if self._continues is None:
                    self._continues = any(model.owned_by == _VLLM for model in models)
                # Some answer to names that they do not list, or to any.
                if not self._known and all(model.id != self.name for model in models):
                    await self._create([{"role": "user", "content": "Hi"}], {"max_tokens": 1})

    async def close(self) -> None:
        await self._client.close()

    async def _answer(self, sent: list[dict[str, str]], limit: int, urgent: bool) -> tuple[str, list[Place], Usage]:
        """The likeliest answer, with what else was likely at each place where the server tells."""
        request = {"max_tokens": limit, "temperature": 0.0, "logprobs": True, "top_logprobs": _TOP}
        answer = await self._complete(lambda: self._create(sent, request), urgent)
        return *_content(answer), _usage(answer.usage)

    async def _complete(self, asked: Callable[[], Coroutine[None, None, Any]], urgent: bool) -> ChatCompletion:
        with timed("complete") as call:
            async with self._slots.place(urgent):
                call.begins()
                answer: ChatCompletion = await asked()
                return answer

    async def _go_on(self, prompt: Prompt, request: dict[str, Any]) -> Any:
        """What follows on the opening words of `prompt`: in the turn that they stand in where the server can, else asked for."""
        unfinished = continued(prompt) if self._continues else None
        if unfinished is not None:
            try:
                return await self._create(unfinished, {**request, "extra_body": _UNFINISHED})
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if not any(_blames(error, key) for key in _UNFINISHED):
                    raise
                log.info("the server of %s does not go on with a turn", self.name)
                self._continues = False
        return await self._create(messages(prompt), request)

    async def _create(self, sent: list[dict[str, str]], request: dict[str, Any]) -> Any:
        """Send it, without what this server refused before; again with less of what it refuses now. Only what a request went
        through without counts as refused: one that is too long is blamed on its `max_tokens` by some servers."""
        refused, top = set(self._refused), self._top
        while True:
            wanted = {key: value for key, value in request.items() if key not in refused}
            if "max_tokens" in request and "max_tokens" not in wanted:
                wanted["max_completion_tokens"] = request["max_tokens"]
            if "top_logprobs" in wanted:
                wanted["top_logprobs"] = min(wanted["top_logprobs"], top)
            try:
                answer = await self._client.chat.completions.create(model=self.name, messages=sent, **wanted)  # type: ignore[arg-type]
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                blamed = {key for key in _OPTIONAL if key in wanted and _blames(error, key)}
                if not blamed:
                    raise
                if wanted.get("top_logprobs", 0) > _TOP_OF_FEW and blamed & {"logprobs", "top_logprobs"}:
                    top = _TOP_OF_FEW
                    blamed -= {"logprobs", "top_logprobs"}
                elif "logprobs" in blamed:
                    blamed.add("top_logprobs")
                refused |= blamed
            except openai.NotFoundError:
                self._known = False
                raise
            else:
                self._learn(refused, top)
                return answer

    def _learn(self, refused: set[str], top: int) -> None:
        """What a request went through without."""
        if new := refused - self._refused:
            log.info("the server of %s refuses %s", self.name, ", ".join(sorted(new)))
        if top < self._top and "top_logprobs" not in refused:
            log.info("the server of %s gives %d alternatives a token", self.name, top)
        self._refused |= refused
        self._top = min(self._top, top)
        self._known = True

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


async def _all(work: Iterable[Coroutine[None, None, T]]) -> list[T]:
    """Everything in `work`, in its order; the first failure cancels the rest."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


def _sum(usages: Iterable[Usage]) -> Usage:
    return sum(usages, Usage())


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


@dataclass
class _Tally:
    """What a stream has cost so far: `told` by the server, with or after the last piece."""

    pieces: int = 0
    told: CompletionUsage | None = None


@contextmanager
def _tallied(spent: Spent) -> Iterator[_Tally]:
    """Tells `spent` at the end, however that comes."""
    tally = _Tally()
    try:
        yield tally
    finally:
        spent(_usage(tally.told) if tally.told is not None else Usage(generated=tally.pieces))


def _blames(error: openai.APIStatusError, key: str) -> bool:
    return error.param == key or re.search(rf"\b{key}\b", error.message) is not None
