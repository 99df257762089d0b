"""An embedder that remembers: the last messages of a room are asked for again with every thought."""

from array import array
from collections import OrderedDict
from collections.abc import Sequence

from inference.protocol import Embedder


class RememberedEmbedder:
    """Asks `inner` only for texts that are not among the `capacity` most recently used, or among half as many again as were
    ever asked for at once: an agent with more memories than that asks for all of them with every message. What is kept, and
    given, takes 4 bytes a number, all that an embedder computes; as a tuple of floats it would take 32, and each room has one of
    these and holds what it was given as long as it thinks."""

    def __init__(self, inner: Embedder, capacity: int = 32) -> None:
        self.dim = inner.dim
        self._inner = inner
        self._capacity = capacity
        self._known: OrderedDict[str, array[float]] = OrderedDict()
        self._forgotten = 0

    def forget(self) -> None:
        """All that it was asked for: somebody took words back."""
        self._known.clear()
        self._forgotten += 1

    async def embed(self, texts: Sequence[str]) -> tuple[Sequence[float], ...]:
        whole = self._forgotten
        # Taken before the wait: another call may push them out meanwhile.
        known = {t: self._known[t] for t in texts if t in self._known}
        missing = tuple(dict.fromkeys(t for t in texts if t not in known))
        self._capacity = max(self._capacity, 3 * (len(known) + len(missing)) // 2)
        asked = await self._inner.embed(missing) if missing else ()
        known |= {text: array("f", vector) for text, vector in zip(missing, asked, strict=True)}
        found = tuple(known[t] for t in texts)
        for text, vector in zip(texts, found, strict=True) if whole == self._forgotten else ():
            if text not in self._known:
                self._known[text] = vector
            self._known.move_to_end(text)
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)
        return found
