"""The texts that wait for the embedder: a piece at a time, so that others' passes and cancellations come in between."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from inference.batch import Outcome
from inference.edge import edge
from inference.protocol import ModelError

PIECE = 32
"""Texts embedded at once, as many as the embedder reads together: what anybody's pass waits for. Of 500 characters each they take
1.5 s of one core at 2 GHz."""

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]


@dataclass(eq=False)
class _Call:
    name: int
    texts: Sequence[str]
    found: list[Sequence[float]] = field(default_factory=list)


class Embeddings:
    """Add some, and call `step` while there are any."""

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        self._calls: list[_Call] = []
        self._pieces = 0

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, name: int, texts: Sequence[str]) -> list[Outcome]:
        """Of no texts the outcome is known at once."""
        if not texts:
            return [Outcome(name, (), None)]
        self._calls.append(_Call(name, texts))
        return []

    def cancel(self, name: int) -> bool:
        """False when it is none of these."""
        left = [call for call in self._calls if call.name != name]
        dropped = len(left) < len(self._calls)
        self._calls = left
        return dropped

    def step(self) -> list[Outcome]:
        """Embed one piece, in turn first for those of whose texts the fewest were and for those who wait longest, and tell what
        ended with it: calls that have all their vectors, in the order of their texts. An error of the embedder ends the calls
        that had texts in the piece."""
        asked, room = list[tuple[_Call, Sequence[str]]](), PIECE
        self._pieces += 1
        for call in sorted(self._calls, key=lambda call: len(call.found)) if self._pieces % 2 else self._calls:
            if some := call.texts[len(call.found) :][:room]:
                asked.append((call, some))
                room -= len(some)
        if not asked:
            return []
        with edge("embedding") as kept:
            texts = [text for _, some in asked for text in some]
            made = self._embed(texts)
            if len(made) != len(texts):
                raise ModelError(f"{len(made)} vectors for {len(texts)} texts")
            vectors = iter(made)
            for call, some in asked:
                call.found += islice(vectors, len(some))
        over = [call for call, _ in asked if kept.error is not None or len(call.found) == len(call.texts)]
        self._calls = [call for call in self._calls if call not in over]
        return [Outcome(call.name, None if kept.error else tuple(call.found), kept.error) for call in over]
