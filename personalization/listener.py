"""The head that listens: a small network that reads a message, sentence by sentence, and says how probable it is under each value
of each dimension. One file per space, written by `python -m training head`."""

import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from personalization.features import BUCKETS, FORM, Floats, features
from personalization.space import Space

LISTENERS = Path(__file__).parent / "listeners"
Likelihoods = Mapping[str, tuple[float, ...]]
"""By dimension, up to a common factor."""
NOTHING = 0
"""The first output of each dimension: the message does not speak of it."""
OPENS = ("yes", "no")
"""How an answer may open: a dimension of these two values, in this order, is answered by it."""
LEAST = 0.01
"""Part of a likelihood that is flat whatever the network says."""
DOUBTFUL = 0.1
"""Chance at most that such a sentence is given: alone it moves no belief by more than 0.1."""
RARELY = 1e-3
"""Chance of taking back below which it is not reckoned with."""
HEED = 0.15
"""Factor on the odds that a sentence does not speak of the dimension that was asked about: an answer mostly does."""
OWN = 0.5
"""What the outputs of the dimension that was asked about weigh beside how a sentence answers, where that is read behind its
question; chosen on phrases left out of training."""


_END = re.compile(r"(?<=[.!?…:;])\s+|[\r\n]+")


class ListenerError(ValueError):
    """A listener's file lacks a part or does not fit the space."""


@dataclass(frozen=True, slots=True)
class Listener:
    """`dimensions[name]`: the population's chances of its values as trained on; `opened`: those with the values OPENS.
    Layers: `enter` [input, hidden], `leave` [hidden, Σ (1 + values) + 4]; the input is `features`. The last four outputs say
    how a sentence opens (not at all, with yes, with no), which tells of the dimension that was asked, and whether it takes
    back what was said before it (a logit).
    `temperatures`: of each dimension and of the opening, by which the choice among values is softened where one is spoken of.
    A network is surer of words that it was fitted on than of others.
    `least`: of each dimension, the chance that a sentence speaks of it below which it counts for no more than DOUBTFUL: it
    breaks a tie, and idle talk moves nothing.
    `questions`: by dimension, where the embeddings are of sentences `behind` what they answer. Then how a sentence "opens" is how
    it answers, in whatever words, and tells of the dimension that was asked, whose own outputs have a say in which value it is
    (`own_say`); the others' outputs tell of theirs."""

    dimensions: Mapping[str, tuple[float, ...]]
    opened: frozenset[str]
    enter: Floats
    enter_bias: Floats
    leave: Floats
    leave_bias: Floats
    temperatures: tuple[float, ...]
    least: tuple[float, ...]
    questions: Mapping[str, str] = field(default_factory=dict)

    @property
    def dim(self) -> int:
        """Of the embeddings that it reads."""
        return int(self.enter.shape[0]) - BUCKETS - FORM

    def read(
        self, messages: Sequence[Sequence[str]], embeddings: Floats, asked: Sequence[str | None]
    ) -> tuple[Likelihoods, ...]:
        """Of each message the likelihood of each dimension. `messages[i]` are its `sentences`, `embeddings` [sentence, dim] of
        all of them in order, `asked[i]` the dimension that it answers, or None.

        With p the network's output, p(sentence | v) / p(sentence) = p(nothing) + p(v) / prior(v): what does not speak of a
        dimension tells nothing of it. Sentences multiply, over what may have been taken back (`_taken_back`)."""
        flat = [s for message in messages for s in message]
        about = [a for a, message in zip(asked, messages, strict=True) for _ in message]
        if not flat:
            return tuple(self._flat() for _ in messages)
        told, back = self._sentences(flat, embeddings, about)
        found = []
        start = 0
        for message, answered in zip(messages, asked, strict=True):
            own = slice(start, start + len(message))
            found.append({n: _relative(_taken_back(rows[own], back[own], n == answered)) for n, rows in told.items()})
            start += len(message)
        return tuple(found)

    def _sentences(
        self, texts: Sequence[str], embeddings: Floats, asked: Sequence[str | None]
    ) -> tuple[dict[str, Floats], Floats]:
        """Likelihoods [sentence, value] by dimension, and the chance of each sentence that it takes back."""
        logits = self._logits(texts, embeddings)
        opens = self._opens(logits)
        told: dict[str, Floats] = {}
        start = 0
        fitted = zip(self.temperatures[:-1], self.least, strict=True)
        for (name, prior), (temperature, least) in zip(self.dimensions.items(), fitted, strict=True):
            some = logits[:, start : start + 1 + len(prior)]
            start += 1 + len(prior)
            answers = np.array([a == name for a in asked])
            told[name] = _heard(some, prior, temperature, least, answers)
            if name in self.opened and self.questions:
                told[name][answers] = self._opens(logits[answers], own_say(some[answers]))
            elif name in self.opened:
                told[name][answers] *= opens[answers]
        return told, np.asarray(1 / (1 + np.exp(-np.clip(logits[:, -1], -30, 30))), dtype=np.float32)

    def opening(self, texts: Sequence[str], embeddings: Floats) -> Floats:
        """[sentence, 2] likelihoods of having answered with one of OPENS, whatever the question was about."""
        return self._opens(self._logits(texts, embeddings))

    def _logits(self, texts: Sequence[str], embeddings: Floats) -> Floats:
        hidden = np.maximum(features(texts, embeddings) @ self.enter + self.enter_bias, 0)
        found: Floats = hidden @ self.leave + self.leave_bias
        return found

    def _opens(self, logits: Floats, more: Floats | float = 0.0) -> Floats:
        idle = np.zeros(len(logits), dtype=bool)
        return _heard(logits[:, -4:-1], (0.5, 0.5), self.temperatures[-1], 0.0, idle, more)

    def _flat(self) -> dict[str, tuple[float, ...]]:
        return {name: (1.0,) * len(prior) for name, prior in self.dimensions.items()}


def sentences(text: str) -> tuple[str, ...]:
    """The parts of a message that are read on their own; none where it has no letter, digit or sign."""
    return tuple(s for s in (part.strip() for part in _END.split(text)) if s)


def behind(question: str, sentence: str) -> str:
    """What is embedded of a sentence that answers; `question` is "" where nothing was asked."""
    return f"{question}\n{sentence}"


def heard(
    listener: Listener, texts: Sequence[str], embed: Callable[[Sequence[str]], Floats], asked: Sequence[str | None],
    put: Sequence[str] | None = None,
) -> tuple[Likelihoods, ...]:  # fmt: skip
    """`Listener.read` with an embedder at hand: [sentence, dim] of sentences, each behind its question where the listener has
    those; `put`: these questions as they were put, where that was not in the listener's words."""
    messages = [sentences(t) for t in texts]
    flat = [s for message in messages for s in message]
    if listener.questions:
        questions = put or [listener.questions[a] if a else "" for a in asked]
        about = [q for q, message in zip(questions, messages, strict=True) for _ in message]
        flat = [behind(q, s) for q, s in zip(about, flat, strict=True)]
    return listener.read(messages, embed(flat) if flat else np.zeros((0, 0), np.float32), asked)


def _heard(
    logits: Floats, prior: Sequence[float], temperature: float, least: float, asked: NDArray[np.bool_],
    more: Floats | float = 0.0,
) -> Floats:  # fmt: skip
    """[sentence, value] likelihoods from [sentence, 1 + values] outputs; `asked` [sentence]: it answers a question about this;
    `more` [sentence, value]: added to the outputs of the values."""
    silent = _softmax(logits)[:, [NOTHING]]
    silent = np.where((1 - silent < least) & ~asked[:, None], np.maximum(silent, 1 - DOUBTFUL), silent)
    heed = np.where(asked, HEED, 1.0)[:, None]
    nothing = silent * heed / (silent * heed + 1 - silent)
    values = _softmax((logits[:, 1:] + more) / temperature)
    heard = nothing + (1 - nothing) * values / np.array(prior)
    found: Floats = ((1 - LEAST) * heard + LEAST).astype(np.float32)
    return found


def own_say(outputs: Floats) -> Floats:
    """[sentence, value] of [sentence, 1 + values]: what a dimension's outputs add to those of how a sentence answers a question
    about it. A word like "sure" speaks of no dimension, and there they add nothing."""
    found: Floats = OWN * (1 - _softmax(outputs)[:, [NOTHING]]) * outputs[:, 1:]
    return found


def _softmax(logits: Floats) -> Floats:
    chances = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(chances / chances.sum(1, keepdims=True), dtype=np.float32)


def _taken_back(rows: Floats, back: Floats, answer: bool) -> NDArray[np.float64]:
    """[value] log-likelihoods of a message whose sentences have `rows` [sentence, value]; `back` [sentence]: the chance that it
    takes back what stands before it. A mixture over which of them does, and none: of an `answer` all that stands before means the
    opposite then; of other talk the sentence before it tells nothing. So of two sentences that contradict each other the later
    weighs more, the more so the likelier it is that something between them takes back."""
    logs = _sums(np.log(rows))
    against = _sums(np.log(_opposite(rows)))
    terms = [logs[-1]]
    for k in np.flatnonzero(back > RARELY):
        if k > 0:  # the first has nothing before it
            before = against[k] if answer else logs[k - 1]
            terms.append(np.log(back[k] / (1 - back[k] + 1e-6)) + before + logs[-1] - logs[k + 1])
    mixed: NDArray[np.float64] = np.logaddexp.reduce(np.array(terms), axis=0)
    return mixed


def _sums(logs: Floats) -> NDArray[np.float64]:
    """[sentence + 1, value]: of the sentences before each, and of all."""
    return np.concatenate([np.zeros((1, logs.shape[1])), np.cumsum(logs, axis=0, dtype=np.float64)])


def _opposite(rows: Floats) -> Floats:
    """[sentence, value]: how probable it is of who means another value."""
    return np.asarray((rows.sum(1, keepdims=True) - rows) / (rows.shape[1] - 1), dtype=np.float32)


def _relative(logs: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(np.exp(np.maximum(logs - logs.max(), -20)).tolist())


def write(listener: Listener) -> bytes:
    """What `parse` reads: weights as 16-bit floats, and the dimensions as JSON beside them."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        dimensions=_letters(dict(listener.dimensions)),
        opened=_letters(sorted(listener.opened)),
        questions=_letters(dict(listener.questions)),
        enter=listener.enter.astype(np.float16),
        enter_bias=listener.enter_bias.astype(np.float32),
        leave=listener.leave.astype(np.float16),
        leave_bias=listener.leave_bias.astype(np.float32),
        temperatures=np.array(listener.temperatures, dtype=np.float32),
        least=np.array(listener.least, dtype=np.float32),
    )
    return file.getvalue()


def _letters(value: object) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)


def parse(data: bytes) -> Listener:
    """Raises ListenerError, naming what is wrong."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            dimensions = {n: tuple(p) for n, p in json.loads(arrays["dimensions"].tobytes()).items()}
            opened = frozenset(json.loads(arrays["opened"].tobytes()))
            questions = {str(n): str(q) for n, q in json.loads(arrays["questions"].tobytes()).items()}
            temperatures = tuple(arrays["temperatures"].tolist())
            least = tuple(arrays["least"].tolist())
            layers = [arrays[n].astype(np.float32) for n in ("enter", "enter_bias", "leave", "leave_bias")]
    except (KeyError, ValueError, TypeError, AttributeError, OSError, EOFError) as error:
        raise ListenerError(f"not a listener: {error!r}") from error
    enter, enter_bias, leave, leave_bias = layers
    outputs = sum(1 + len(p) for p in dimensions.values()) + 4
    shapes = (enter.ndim, enter_bias.shape, leave.shape, leave_bias.shape)
    if shapes != (2, (enter.shape[-1],), (enter.shape[-1], outputs), (outputs,)):
        raise ListenerError(f"the layers do not fit each other: {[a.shape for a in layers]!r}, {outputs} outputs")
    if len(temperatures) != len(dimensions) + 1 or not all(t > 0 for t in temperatures):
        raise ListenerError(f"temperatures must be above 0, one a dimension and one more: {temperatures!r}")
    if len(least) != len(dimensions) or not all(0 <= x < 1 for x in least):
        raise ListenerError(f"least must be from 0 to 1, one a dimension: {least!r}")
    if not all(np.isfinite(a).all() for a in layers):
        raise ListenerError("a weight is not finite")
    return Listener(dimensions, opened, enter, enter_bias, leave, leave_bias, temperatures, least, questions)


@cache
def listener_for(space: str, reads: str = "embedder") -> Listener:
    """The one that comes with Aside, for the sentence embedder or for the hidden states of a language model. Raises ListenerError
    where there is none."""
    path = file_for(space, reads)
    if not path.is_file():
        raise ListenerError(
            f"no listener for the space {space!r}: python -m training head --space {space} --reads {reads}"
        )
    return parse(path.read_bytes())


def file_for(space: str, reads: str) -> Path:
    return LISTENERS / (f"{space}.npz" if reads == "embedder" else f"{space}-{reads}.npz")


def fits(listener: Listener, space: Space) -> bool:
    """Whether it speaks of dimensions of this space only, each with as many values."""
    sizes = {d.name: len(d.values) for d in space.dimensions}
    return all(sizes.get(name) == len(prior) for name, prior in listener.dimensions.items())
