"""A model double with a queue and a history. It ships with the product: tests and `MODEL=scripted` need no weights."""

import hashlib
import math
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from inference.prompt import Prompt
from inference.protocol import (
    Ask,
    Continuation,
    Encodings,
    Judged,
    ModelError,
    Proposals,
    Ratings,
    Reading,
    Readings,
    Spent,
    Usage,
    uncounted,
)

Row = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was made: the method's name, the prompts as sent, and what else was asked."""

    method: str
    prompts: tuple[Prompt, ...]
    branches: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass
class ScriptedModel:
    """Answers from its queues, first in first out; an exception in a queue is raised. An empty queue answers with text
    and ratings derived from a hash of what was asked, so that equal calls get equal answers.

    `says` feeds `propose` (one entry a prompt), `replies` feeds `stream`, `rates` feeds `rate`: one row of weights over the
    options, used for every branch and question of that call. `states` feeds `encode`, one hidden state for every branch of that
    call; where there is none it gives none.
    """

    name: str = "scripted"
    says: deque[str | Exception] = field(default_factory=deque)
    replies: deque[str | Exception] = field(default_factory=deque)
    rates: deque[Sequence[float] | Exception] = field(default_factory=deque)
    states: deque[Sequence[float] | Exception] = field(default_factory=deque)
    history: list[Call] = field(default_factory=list)

    async def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, *, urgent: bool = False) -> Proposals:
        self.history.append(Call("propose", tuple(prompts)))
        texts = [self._next(self.says, _idea(p, seed, i)) for i, p in enumerate(prompts)]
        return Proposals(
            tuple(Continuation(t, tuple(-1.0 for _ in t.split())) for t in texts),
            Usage(prompt=sum(map(_length, prompts)), generated=sum(len(t.split()) for t in texts)),
        )

    async def rate(
        self,
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        *,
        urgent: bool = False,
    ) -> Ratings:
        self.history.append(Call("rate", (prompt,), tuple(branches), tuple(questions), tuple(options)))
        queued = self.rates.popleft() if self.rates else None
        if isinstance(queued, Exception):
            raise queued

        def row(branch: str, question: str) -> Row:
            weights = queued or [1 + _number(prompt, branch, question, o, of=100) for o in options]
            if len(weights) != len(options):
                raise ModelError(f"the script rates {len(weights)} options, asked were {len(options)}")
            return tuple(w / sum(weights) for w in weights)

        return Ratings(
            tuple(tuple(row(b, q) for q in questions) for b in branches),
            tuple(tuple(1.0 for _ in questions) for _ in branches),
            "logits",
            Usage(prompt=_length(prompt) + sum(len(b.split()) for b in branches)),
        )

    async def judge(self, asks: Sequence[Ask], *, urgent: bool = False) -> Judged:
        """As `rate`, and `read` where asked, one after the other."""
        rated, read, usage = [], [], Usage()
        for a in asks:
            rated.append(await self.rate(a.prompt, a.branches, a.questions, a.options))
            readings = await self.read(a.prompt, a.branches[: a.read]) if a.read else None
            read.append(None if readings is None else readings.readings)
            usage += rated[-1].usage if readings is None else rated[-1].usage + readings.usage
        return Judged(tuple(rated), tuple(read), usage)

    async def read(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Readings | None:
        self.history.append(Call("read", (prompt,), tuple(branches)))
        lengths = [max(1, len(b.split())) for b in branches]
        return Readings(tuple(Reading(-1.0 * n, -2.0 * n, n) for n in lengths), Usage(prompt=sum(lengths)))

    async def encode(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Encodings | None:
        if not self.states:
            return None
        self.history.append(Call("encode", (prompt,), tuple(branches)))
        state = self.states.popleft()
        if isinstance(state, Exception):
            raise state
        return Encodings(tuple(tuple(state) for _ in branches), Usage(prompt=sum(len(b.split()) for b in branches)))

    async def stream(
        self, prompt: Prompt, limit: int, seed: int, *, urgent: bool = False, spent: Spent = uncounted
    ) -> AsyncGenerator[str, None]:
        self.history.append(Call("stream", (prompt,)))
        text = self._next(self.replies, f"Here is thought {_number(prompt, seed, of=997)}.")
        spent(Usage(prompt=_length(prompt)))
        for i, word in enumerate(text.split(" ")):
            spent(Usage(generated=1))
            yield word if i == 0 else f" {word}"

    @staticmethod
    def _next(queue: deque[str | Exception], otherwise: str) -> str:
        if not queue:
            return otherwise
        answer = queue.popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer


class ScriptedEmbedder:
    """A hashed bag of words: texts that share words are near, and equal texts are equal."""

    dim = 64

    async def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        return tuple(map(self._one, texts))

    def _one(self, text: str) -> tuple[float, ...]:
        vector = [0.0] * self.dim
        for word in text.lower().split():
            vector[_number(word.strip(".,!?"), of=self.dim)] += 1.0
        norm = math.sqrt(sum(x * x for x in vector))
        return tuple(x / norm for x in vector) if norm else (1.0, *vector[1:])


def _idea(*what: object) -> str:
    a, b, c = (_number(what, place, of=997) for place in range(3))
    return f"could compare {a}, {b} and {c}."


def _number(*what: object, of: int) -> int:
    return int.from_bytes(hashlib.blake2b(repr(what).encode(), digest_size=8).digest()) % of


def _length(prompt: Prompt) -> int:
    return sum(len(part.text.split()) for part in prompt)
