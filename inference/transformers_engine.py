"""A transformers model in this process: what `LanguageModel` promises, without asyncio, and jobs to be read together."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from typing import Any, TypeVar

import torch

from inference.batch import Batch, Waiting, shares
from inference.forward import Forward
from inference.jobs import Jobs
from inference.prompt import Part, Prompt
from inference.protocol import Ask, Encodings, Judged, ModelError, Proposals, Ratings, Readings, Spent, Usage, uncounted
from inference.rendering import Renderer
from inference.sampling import vocabulary
from inference.segment import Job, Portion
from inference.tapes import BUDGET, Tapes

PASS = {"cpu": 320, "cuda": 1024}
"""Tokens of one pass by kind of device: enough to keep it busy. Between passes a call can be cancelled, and others take turns."""

T = TypeVar("T")

Check = Callable[[], None]
"""Called between passes; raises to stop the work."""


def never_stops() -> None:
    """A `check` for calls that nobody cancels."""


class LocalModel:
    """`check` is called before each pass, a token each while sampling, and raises to cancel; whatever was read until then is kept
    for the next call. For calls of many rooms at once, put `jobs` into a `batch`. `settle` is entered for every pass;
    `static` as `Forward` takes it."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        tapes: Tapes | None = None,
        settle: Callable[[], AbstractContextManager[None]] = nullcontext,
        static: bool | None = None,
    ) -> None:
        self._forward = Forward(model, static)
        self._settle = settle
        self._tapes = tapes_for(self._forward.device) if tapes is None else tapes
        self._budget = PASS.get(self._forward.device.type, PASS["cpu"])
        self.renderer = Renderer(tokenizer)
        self.jobs = Jobs(self.renderer, vocabulary(tokenizer, model), self._tapes, self._forward.context)

    def warm_up(self) -> None:
        """The first pass of each kind takes longer than all that follow: have it over before anybody waits."""
        prompt = (Part("Warm up.", "system"), Part("Say something.", "user"))
        self.propose([prompt, prompt], 3, 0)
        self.rate(prompt, ["One.", "Two."], ["\nGood? "], ["yes", "no"])
        self._forward.warm_up()

    def batch(self) -> Batch:
        on_cpu = self._forward.device.type == "cpu"
        return Batch(self._read, self._budget, self._read_beside if on_cpu else None)

    def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, check: Check = never_stops) -> Proposals:
        return self._done(self.jobs.propose(prompts, limit, seed), check)

    def rate(
        self,
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        check: Check = never_stops,
    ) -> Ratings:
        return self._done(self.jobs.rate(prompt, branches, questions, options), check)

    def read(self, prompt: Prompt, branches: Sequence[str], check: Check = never_stops) -> Readings:
        return self._done(self.jobs.read(prompt, branches), check)

    def encode(self, prompt: Prompt, branches: Sequence[str], check: Check = never_stops) -> Encodings:
        return self._done(self.jobs.encode(prompt, branches), check)

    def judge(self, asks: Sequence[Ask], check: Check = never_stops) -> Judged:
        return self._done(self.jobs.judge(asks), check)

    def stream(
        self, prompt: Prompt, limit: int, seed: int, check: Check = never_stops, spent: Spent = uncounted
    ) -> Iterator[str]:
        """Pieces of valid text. Closing the iterator, or `check` raising, gives the tape back."""
        said = list[str]()

        def say(text: str, usage: Usage) -> None:
            spent(usage)
            if text:
                said.append(text)

        with closing(self._passes(self.jobs.stream(prompt, limit, seed, say), check)) as passes:
            for _ in passes:
                yield from said
                said.clear()
        yield from said

    def _done(self, job: Job[T], check: Check) -> T:
        passes = self._passes(job, check)
        try:
            while True:
                next(passes)
        except StopIteration as stop:
            result: T = stop.value
            return result

    def _passes(self, job: Job[T], check: Check) -> Generator[None, None, T]:
        """`job` alone, pass by pass."""
        with closing(job):
            while True:
                try:
                    segments = next(job)
                except StopIteration as stop:
                    result: T = stop.value
                    return result
                while unread := [segment for segment in segments if segment.left]:
                    check()
                    counts = shares([Waiting(segment.left, False, 0) for segment in unread], self._budget)
                    self._read([Portion(s, n) for s, n in zip(unread, counts, strict=True) if n])
                yield

    def _read_beside(self, portions: Sequence[Portion]) -> None:
        """A pass beside that of another thread: each has one core."""
        torch.set_num_threads(1)
        self._read_now(portions)

    def _read(self, portions: Sequence[Portion]) -> None:
        with self._settle():
            self._read_now(portions)

    def _read_now(self, portions: Sequence[Portion]) -> None:
        try:
            self._forward.read(portions)
        except torch.OutOfMemoryError as error:
            self._tapes.clear()
            raise ModelError(f"no memory left to read {sum(n for _, n in portions)} tokens") from error


def tapes_for(device: torch.device) -> Tapes:
    """On a GPU the tapes get half of what its memory has left, and as much of the CPU's for rooms that are quiet."""
    if device.type != "cuda":
        return Tapes(BUDGET)
    free, _ = torch.cuda.mem_get_info(device)
    return Tapes(free // 2, 4 * BUDGET, device)
