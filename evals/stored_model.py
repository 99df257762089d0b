"""A model whose answers are kept by what was asked, so that a measurement that is broken off, repeated, or differs from an
earlier one in a few prompts only asks what was never asked before."""

from collections.abc import AsyncGenerator, Sequence
from typing import cast

from evals.stored import Stored, key_of
from inference.prompt import Prompt
from inference.protocol import Ask, Continuation, Judged, LanguageModel, Proposals, Ratings, Readings, Usage


class StoredModel:
    """Of `model`, whose answers are as good on another day: `rate` and `propose`, which is told its seed, are kept."""

    def __init__(self, model: LanguageModel, stored: Stored) -> None:
        self._model, self._stored = model, stored
        self.name = model.name

    async def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, *, urgent: bool = False) -> Proposals:
        key = key_of(self.name, tuple(prompts), limit, seed)
        if (document := self._stored.get(key)) is None:
            found = await self._model.propose(prompts, limit, seed, urgent=urgent)
            document = {"continuations": [(c.text, c.logprobs) for c in found.continuations]}
            self._stored.put(key, document)
        told = cast(list[tuple[str, list[float]]], document["continuations"])
        return Proposals(tuple(Continuation(text, tuple(chances)) for text, chances in told), Usage())

    async def rate(
        self,
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        *,
        urgent: bool = False,
    ) -> Ratings:
        key = key_of(self.name, prompt, tuple(branches), tuple(questions), tuple(options))
        if (document := self._stored.get(key)) is None:
            found = await self._model.rate(prompt, branches, questions, options, urgent=urgent)
            document = {"probabilities": found.probabilities, "mass": found.mass, "method": found.method}
            self._stored.put(key, document)
        return Ratings(**document, usage=Usage())  # type: ignore[arg-type]

    async def judge(self, asks: Sequence[Ask], *, urgent: bool = False) -> Judged:
        return await self._model.judge(asks, urgent=urgent)

    async def read(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Readings | None:
        return await self._model.read(prompt, branches, urgent=urgent)

    def stream(self, prompt: Prompt, limit: int, seed: int, *, urgent: bool = False) -> AsyncGenerator[str, None]:
        return self._model.stream(prompt, limit, seed, urgent=urgent)
