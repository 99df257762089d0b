"""What is known of people's tastes, from their answers to the ten questions and from 👍 and 👎 on what agents said."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from app.store import Store
from app.store.questions import Asked, Thumb
from inference.protocol import Embedder, ModelError
from personalization.factors import Answer, Array, taste
from personalization.features import Floats
from personalization.pairs import RIDGE, Bank, bank_for
from personalization.palate import KNOWN, Palate, pooled, thumb
from personalization.phi import parted

POOL_HOLDS = timedelta(minutes=10)
"""So long everybody's taste is not worked out anew."""


class Tasting:
    """For one room. Tastes of those who do not consent to it are not used, and are no part of everybody's."""

    def __init__(self, embedder: Embedder, store: Store) -> None:
        self._embedder, self._store = embedder, store
        self._pool: tuple[datetime, Mapping[str, Array]] | None = None

    async def palate(self, user: str, readers: Collection[str], now: datetime) -> Palate | None:
        """None where too little is known of `user`. A thumb counts where all `readers` could see it."""
        bank = bank_for()
        found = answers(bank, await self._store.questions.of(user))
        thumbs = await self._store.questions.thumbs(user, readers)
        if len(found) + len(thumbs) < KNOWN:
            return None
        try:
            found += await thumbed(bank, self._embedder, thumbs)
        except ModelError:
            return None  # a taste is worth no run's failure
        own = taste(found, bank.size, RIDGE).weights
        others = [weights for other, weights in (await self._everybody(bank, now)).items() if other != user]
        return Palate(tuple(own.tolist()), pooled(others, bank.size))

    async def _everybody(self, bank: Bank, now: datetime) -> Mapping[str, Array]:
        """λ by person."""
        if self._pool is None or now - self._pool[0] > POOL_HOLDS:
            people = {user: answers(bank, own) for user, own in (await self._store.questions.everybody()).items()}
            self._pool = now, {user: taste(own, bank.size, RIDGE).weights for user, own in people.items() if own}
        return self._pool[1]


def answers(bank: Bank, asked: Sequence[Asked]) -> list[Answer]:
    """Those that chose one of two replies which are still among those that people are asked about."""
    found = []
    for question in asked:
        if question.dimension is not None:
            continue
        body = json.loads(question.body)
        pair = bank.pair(body.get("pair"))
        if pair is not None and body.get("choice") in ("first", "second"):
            found.append(Answer(bank.difference(pair), body["choice"] == "first"))
    return found


async def thumbed(bank: Bank, embedder: Embedder, thumbs: Sequence[Thumb]) -> list[Answer]:
    """Nothing where another embedder is in use than φ was fitted on. Raises ModelError."""
    if not thumbs:
        return []
    found = await numbers(bank, embedder, [t.text for t in thumbs])
    return [] if found is None else [thumb(row, bank.usual, t.up) for row, t in zip(found, thumbs, strict=True)]


async def numbers(bank: Bank, embedder: Embedder, texts: Sequence[str]) -> Array | None:
    """φ [text, k]; None where another embedder is in use than φ was fitted on. Raises ModelError."""
    if embedder.dim != bank.phi.dim:
        return None
    parts = parted(texts)
    flat = list(dict.fromkeys(s for some in parts for s in some))
    embedded: Floats = np.array(await embedder.embed(flat), dtype=np.float32)
    return bank.phi.read(parts, flat, embedded, texts)
