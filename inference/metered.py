"""A model that says what was asked of it has taken."""

from collections.abc import AsyncGenerator, Sequence

from inference.prompt import Prompt
from inference.protocol import (
    Ask,
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


class Metered:
    """LanguageModel over `inner`. `usage`: of all its calls so far; `spent` is told of each."""

    def __init__(self, inner: LanguageModel, spent: Spent = uncounted) -> None:
        self.name = inner.name
        self.usage = Usage()
        self._inner = inner
        self._spent = spent

    async def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, *, urgent: bool = False) -> Proposals:
        found = await self._inner.propose(prompts, limit, seed, urgent=urgent)
        self._count(found.usage)
        return found

    async def rate(
        self,
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        *,
        urgent: bool = False,
    ) -> Ratings:
        found = await self._inner.rate(prompt, branches, questions, options, urgent=urgent)
        self._count(found.usage)
        return found

    async def judge(self, asks: Sequence[Ask], *, urgent: bool = False) -> Judged:
        found = await self._inner.judge(asks, urgent=urgent)
        self._count(found.usage)
        return found

    async def read(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Readings | None:
        found = await self._inner.read(prompt, branches, urgent=urgent)
        if found is not None:
            self._count(found.usage)
        return found

    async def encode(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Encodings | None:
        found = await self._inner.encode(prompt, branches, urgent=urgent)
        if found is not None:
            self._count(found.usage)
        return found

    def stream(
        self, prompt: Prompt, limit: int, seed: int, *, urgent: bool = False, spent: Spent = uncounted
    ) -> AsyncGenerator[str, None]:
        def both(usage: Usage) -> None:
            self._count(usage)
            spent(usage)

        return self._inner.stream(prompt, limit, seed, urgent=urgent, spent=both)

    def _count(self, usage: Usage) -> None:
        self.usage += usage
        self._spent(usage)
