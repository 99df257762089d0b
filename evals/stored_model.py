"""A model whose answers are kept by what was asked, so that a measurement that is broken off, repeated, or differs from an
earlier one in a few prompts only asks what was never asked before."""

from collections.abc import AsyncGenerator, Sequence
from typing import cast

from evals.stored import Document, Stored, key_of
from inference.prompt import Prompt
from inference.protocol import (
    HALFWAY,
    Ask,
    Continuation,
    Encodings,
    Judged,
    LanguageModel,
    Proposals,
    Ratings,
    Readings,
    Spent,
    Usage,
    uncounted,
)


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
        ask = Ask(prompt, tuple(branches), tuple(questions), tuple(options))
        return (await self.judge([ask], urgent=urgent)).ratings[0]

    async def judge(self, asks: Sequence[Ask], *, urgent: bool = False) -> Judged:
        """What is read is asked every time."""
        if any(a.read for a in asks):
            return await self._model.judge(asks, urgent=urgent)
        keys = [key_of(self.name, a.prompt, a.branches, a.questions, a.options) for a in asks]
        missing = {key: ask for key, ask in zip(keys, asks, strict=True) if self._stored.get(key) is None}
        if missing:
            judged = await self._model.judge(list(missing.values()), urgent=urgent)
            for key, found in zip(missing, judged.ratings, strict=True):
                answer: Document = {"probabilities": found.probabilities, "mass": found.mass, "method": found.method}
                self._stored.put(key, answer)
        ratings = tuple(Ratings(**self._stored.get(key) or {}, usage=Usage()) for key in keys)  # type: ignore[arg-type]
        return Judged(ratings, tuple(None for _ in asks), Usage())

    async def read(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Readings | None:
        return await self._model.read(prompt, branches, urgent=urgent)

    async def encode(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Encodings | None:
        """Kept by branch: what one leaves behind does not hang on the others."""
        keys = {b: key_of(self.name, "encode", HALFWAY, prompt, b) for b in branches}
        missing = [b for b, key in keys.items() if self._stored.get(key) is None]
        if missing:
            found = await self._model.encode(prompt, missing, urgent=urgent)
            if found is None:
                return None
            for branch, state in zip(missing, found.states, strict=True):
                self._stored.put(keys[branch], {"state": [round(x, 4) for x in state]})
        known = [cast(list[float], (self._stored.get(keys[b]) or {})["state"]) for b in branches]
        return Encodings(tuple(map(tuple, known)), Usage())

    def stream(
        self, prompt: Prompt, limit: int, seed: int, *, urgent: bool = False, spent: Spent = uncounted
    ) -> AsyncGenerator[str, None]:
        return self._model.stream(prompt, limit, seed, urgent=urgent, spent=spent)
