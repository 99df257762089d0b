"""What Aside asks of a language model, and the only types that cross the seam."""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from inference.prompt import Prompt

TEMPERATURE = 0.8
TOP_P = 0.95
"""How every engine samples: varied enough for three thoughts of one prompt to differ, narrow enough to stay on the subject."""


class ModelError(Exception):
    """The model gave no usable answer. The run that asked ends in silence."""


class ModelUnavailableError(ModelError):
    """No model process or server to ask: missing weights, crashed, refused, or past its deadline."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call: `prompt` processed now, `cached` reused from an earlier call, `generated` sampled."""

    prompt: int = 0
    cached: int = 0
    generated: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.prompt + other.prompt, self.cached + other.cached, self.generated + other.generated)


Spent = Callable[[Usage], None]


def uncounted(usage: Usage) -> None:
    """For whoever does not ask what a call took."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """`logprobs`: natural log-probability of each sampled token; empty where a server gives none."""

    text: str
    logprobs: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposals:
    """`continuations[i]` continues `prompts[i]`."""

    continuations: tuple[Continuation, ...]
    usage: Usage


Method = Literal["logits", "logprobs", "logprobs-line", "written"]
"""How ratings were read: `logits`, in one pass; `logprobs`, from a server's answer to each question; `logprobs-line`, from its
answers to all questions of a branch on one line, where the ones before an answer have a say in it; `written`, from the words of
an answer. The later, the weaker."""


def weakest(methods: Iterable[Method]) -> Method:
    return max(methods, key=get_args(Method).index, default="logits")


@dataclass(frozen=True, slots=True)
class Ratings:
    """`probabilities[branch][question][option]`, each row summing to 1; `mass[branch][question]` is what the options had
    together before normalising, 0–1. `method`: the weakest that happened."""

    probabilities: tuple[tuple[tuple[float, ...], ...], ...]
    mass: tuple[tuple[float, ...], ...]
    method: Method
    usage: Usage


@dataclass(frozen=True, slots=True)
class Reading:
    """Of one branch: summed log-probability (nats) of its tokens after the prompt, the same without the prompt, its
    number of tokens, and the hidden state at its last token (empty where the engine gives none)."""

    given: float
    alone: float
    tokens: int
    hidden: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Readings:
    """`readings[i]` is of `branches[i]`."""

    readings: tuple[Reading, ...]
    usage: Usage


HALFWAY = 0.6
"""Part of a model's layers after which a hidden state tells most of what a text means: the later ones turn it into the next
token. Read after 17 of the 28 layers of `small` instead of the last, a probe tells what a newer statement ends from what it
leaves as it was with an AUC of 0.98 instead of 0.93 (docs/log.md)."""


@dataclass(frozen=True, slots=True)
class Encodings:
    """`states[i]`: the hidden state at the last token of `branches[i]` after HALFWAY of the layers, as the next one takes it;
    of a model whose layers cannot be told apart, after all of them."""

    states: tuple[tuple[float, ...], ...]
    usage: Usage


@dataclass(frozen=True, slots=True)
class Ask:
    """What `rate` takes, as a value; the first `read` branches get a Reading too."""

    prompt: Prompt
    branches: tuple[str, ...]
    questions: tuple[str, ...]
    options: tuple[str, ...]
    read: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """`ratings[i]` is of ask `i`, and so is `readings[i]`, None where the engine gives none. `usage` is of all together."""

    ratings: tuple[Ratings, ...]
    readings: tuple[tuple[Reading, ...] | None, ...]
    usage: Usage


class LanguageModel(Protocol):
    """One model. Every method raises ModelError (ModelUnavailableError where asking again later may help)."""

    name: str

    async def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, *, urgent: bool = False) -> Proposals:
        """One continuation of at most `limit` tokens per prompt, decoded together; what the prompts share is read once.
        Each ends at a line break, or with its first sentence. Repeat a prompt for several samples of it."""
        ...

    async def rate(
        self,
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        *,
        urgent: bool = False,
    ) -> Ratings:
        """After prompt + branch + question, the probability of each option. Branches are data. One pass where the engine
        can: branches × questions form a tree over the shared prompt."""
        ...

    async def judge(self, asks: Sequence[Ask], *, urgent: bool = False) -> Judged:
        """All asks at once; what their prompts share is read once. One pass where the engine can."""
        ...

    async def read(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Readings | None:
        """One Reading per branch, or None where the engine gives no log-probabilities of given text."""
        ...

    async def encode(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Encodings | None:
        """Where each branch stands in the middle of the model after the prompt, or None where the engine gives no hidden states.
        Much cheaper than `read`: the later layers read no branch, nothing is read without the prompt, and no token's
        probability is computed."""
        ...

    def stream(
        self, prompt: Prompt, limit: int, seed: int, *, urgent: bool = False, spent: Spent = uncounted
    ) -> AsyncGenerator[str, None]:
        """The continuation, piece by piece. Closing it (`aclose`) frees the model at once. `spent` is told on the way what it
        took, in parts that add up; where a server does not say, each piece counts as a token."""
        ...


class Embedder(Protocol):
    """Sentence embeddings of unit length."""

    dim: int

    async def embed(self, texts: Sequence[str]) -> tuple[Sequence[float], ...]: ...
